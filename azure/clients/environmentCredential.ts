/** Who this machine is to Azure: from the environment, never from resource inputs. Loaded only when a call is made. */
import type { TokenCredential } from "@azure/core-auth";
import { credentialOf, type SignIn, signInOf, signInSettings } from "./signIn";

let shared: TokenCredential | undefined;

/**
 * The process's one credential. What azure-native finds in `ARM_*` (certificate, secret, OIDC, managed identity), a
 * service principal's secret in `AZURE_*`, or else DefaultAzureCredential's chain (certificate in `AZURE_*`, workload
 * and managed identity, az, developer tools).
 * @public Handlers load it with `require` at the first call.
 */
export function environmentCredential(env: NodeJS.ProcessEnv = process.env): TokenCredential {
  shared ??= credentialOf(environmentSignIn(env));
  return shared;
}

/** How the environment says to sign in. Throws an Error naming what is missing of a way that is set by half. */
export function environmentSignIn(env: NodeJS.ProcessEnv): SignIn {
  const tenantId = env.AZURE_TENANT_ID ?? env.ARM_TENANT_ID;
  const clientId = env.AZURE_CLIENT_ID ?? env.ARM_CLIENT_ID;
  const secret = env.AZURE_CLIENT_SECRET ?? env.ARM_CLIENT_SECRET;
  // One request less than the chain, which would come to the same.
  if (tenantId && clientId && secret) return { way: "secret", tenantId, clientId, secret };
  const signIn = signInOf(signInSettings(env));
  return signIn.way === "cli" ? { way: "default" } : signIn;
}
