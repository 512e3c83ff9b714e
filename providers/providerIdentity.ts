import * as pulumi from "@pulumi/pulumi";

/** The environment variables of an identity, as `azure/clients/environmentCredential.ts` reads them. */
const VARIABLES = {
  clientId: ["AZURE_CLIENT_ID", "ARM_CLIENT_ID"],
  tenantId: ["AZURE_TENANT_ID", "ARM_TENANT_ID"],
} as const;

/** The identity that a provider names; undefined what its default is. */
export type ProviderIdentity = Readonly<Partial<Record<keyof typeof VARIABLES, string | undefined>>>;

/**
 * Why dynamic resources would not deploy as the identity of a provider: they sign in from the environment. Undefined if they
 * would, or if the environment leaves the tenant open, as `az login` does.
 */
export function identityError(provider: string, given: ProviderIdentity, env: NodeJS.ProcessEnv): string | undefined {
  for (const field of ["clientId", "tenantId"] as const) {
    const [name, [first, second]] = [given[field], VARIABLES[field]];
    const own = env[first] ?? env[second];
    if (!name || name.toLowerCase() === own?.toLowerCase() || (field === "tenantId" && !own)) continue;
    return (
      `azure-native provider "${provider}": ${field} is not that of the environment (${second} ` +
      `${own ? "differs" : "is not set"}); CAs, certificates, enrollments, devices and vault access sign in from the environment.\n` +
      "  To fix: set ARM_TENANT_ID, ARM_CLIENT_ID and the credential of that identity in the environment, " +
      "or leave tenantId, clientId and credentials out of the provider."
    );
  }
  return undefined;
}

const checked = new WeakSet<pulumi.ProviderResource>();

/** Refuses an azure-native provider of another identity than the environment's, once. The program fails with pulumi.RunError. */
export function checkProviderIdentity(parent: pulumi.Resource | undefined): void {
  const provider = parent?.getProvider("azure-native:index:Provider");
  if (provider === undefined || checked.has(provider)) return;
  checked.add(provider);
  providerIdentity(provider);
}

/** The check of a provider, done when its inputs are known; fails with pulumi.RunError. */
export function providerIdentity(provider: pulumi.ProviderResource, env = process.env): pulumi.Output<void> {
  // The SDK does not declare a provider's inputs, and pulumi.Resource has them as outputs.
  const { clientId, tenantId } = provider as unknown as Partial<Record<keyof ProviderIdentity, pulumi.Output<string>>>;
  return pulumi.unsecret(pulumi.all([provider.urn, clientId, tenantId])).apply(([urn, client, tenant]) => {
    const message = identityError(urn.split("::").at(-1) ?? "", { clientId: client, tenantId: tenant }, env);
    if (message === undefined) return;
    const error = new pulumi.RunError(message);
    delete error.stack;
    throw error;
  });
}
