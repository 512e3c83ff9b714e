import type { JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../armErrors";
import { objectAt } from "../armRequest";
import { readPolicies, type StoredPolicy } from "./vaultAccessPolicies";
import { checkNetworkAcls } from "./vaultNetworkRules";

/** The properties of a vault. */
export interface VaultProperties {
  readonly tenantId: string;
  readonly sku: { readonly family: "A"; readonly name: "standard" | "premium" };
  readonly accessPolicies: readonly StoredPolicy[];
  /** Absent, and off, unless it was set (recorded: azure-cli `test_keyvault_public_network_access.yaml`). */
  readonly enableRbacAuthorization?: boolean;
  readonly softDeleteRetentionInDays: number;
  /** Only ever true: Azure leaves it out while it is off. */
  readonly enablePurgeProtection?: true;
  readonly enabledForDeployment?: boolean;
  readonly enabledForDiskEncryption?: boolean;
  readonly enabledForTemplateDeployment?: boolean;
  readonly networkAcls?: JsonObject;
  readonly publicNetworkAccess: string;
}

/** From this API version on, RBAC is the default (Azure documentation, "API version 2026-02-01"). */
const ROLES_BY_DEFAULT_SINCE = "2026-02-01";

const invalid = (message: string) => frontError(400, "BadRequest", message);

/** The properties of a request that a schema has checked. */
type RequestedProperties = {
  readonly [Name in keyof VaultProperties]?: VaultProperties[Name] | null;
} & { readonly enableSoftDelete?: boolean | null };

function readSku({ sku }: RequestedProperties, before: VaultProperties | undefined): VaultProperties["sku"] {
  if (sku) return { family: "A", name: sku.name.toLowerCase() === "premium" ? "premium" : "standard" };
  if (before) return before.sku;
  throw invalid("The parameter sku is not specified: family must be 'A' and name 'standard' or 'premium'.");
}

function readRetention(requested: RequestedProperties, before: VaultProperties | undefined): number {
  const fixed = before?.softDeleteRetentionInDays;
  const days = requested.softDeleteRetentionInDays ?? fixed ?? 90;
  if (fixed === undefined || fixed === days) return days;
  throw invalid(`The property "softDeleteRetentionInDays" has been set already and it can't be modified.`);
}

function checkIrreversible({ enableSoftDelete, enablePurgeProtection }: JsonObject): void {
  if (enableSoftDelete === false) {
    throw invalid(
      `The property "enableSoftDelete" cannot be set to false. Soft delete is enabled for every vault and cannot be turned off.`,
    );
  }
  if (enablePurgeProtection === false) {
    throw invalid(
      `The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.`,
    );
  }
}

function readTenant({ tenantId }: RequestedProperties, before: VaultProperties | undefined): string {
  const tenant = tenantId ?? before?.tenantId;
  if (tenant !== undefined) return tenant;
  throw invalid("An invalid value was provided for 'tenantId'.");
}

const FLAGS = ["enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"] as const;

/**
 * The properties after a PUT (`before` undefined for a new vault) or a PATCH (`isPatch`: missing properties keep their
 * values). Throws 400, with Azure's messages where they are known.
 */
export function readVaultProperties(
  body: JsonObject,
  { before, isPatch, apiVersion }: { before: VaultProperties | undefined; isPatch: boolean; apiVersion: string },
): VaultProperties {
  const requested: RequestedProperties = objectAt(body, "properties");
  const fallback = isPatch ? before : undefined;
  checkIrreversible(requested);
  const byDefault = apiVersion >= ROLES_BY_DEFAULT_SINCE || undefined;
  const enableRbacAuthorization = requested.enableRbacAuthorization ?? before?.enableRbacAuthorization ?? byDefault;
  const policies = requested.accessPolicies ?? undefined;
  if (policies === undefined && !fallback && !enableRbacAuthorization) {
    throw invalid("The parameter accessPolicies is not specified.");
  }
  const flags = FLAGS.flatMap((name): [string, boolean][] => {
    const value = requested[name] ?? fallback?.[name];
    return value === undefined ? [] : [[name, value]];
  });
  if (requested.networkAcls) checkNetworkAcls(requested.networkAcls);
  const networkAcls = requested.networkAcls ?? fallback?.networkAcls;
  const isProtected = requested.enablePurgeProtection ?? before?.enablePurgeProtection;
  return {
    tenantId: readTenant(requested, fallback),
    sku: readSku(requested, fallback),
    accessPolicies: policies === undefined ? (fallback?.accessPolicies ?? []) : readPolicies(policies),
    enableRbacAuthorization,
    softDeleteRetentionInDays: readRetention(requested, before),
    ...(isProtected && { enablePurgeProtection: true }),
    ...Object.fromEntries(flags),
    ...(networkAcls && { networkAcls }),
    publicNetworkAccess: requested.publicNetworkAccess ?? fallback?.publicNetworkAccess ?? "Enabled",
  };
}
