/** Who this machine is to Azure: from the environment, never from resource inputs. Loaded only when a call is made. */
import type { TokenCredential } from "@azure/core-auth";
import { credentialOf, type SignIn, signInOf, signInSettings } from "./signIn";

let shared: TokenCredential | undefined;

/**
 * The process's one credential. What azure-native finds in `ARM_*` (certificate, secret, OIDC, managed identity), a
 * service principal's secret in `AZURE_*`, or else DefaultAzureCredential's chain (certificate in `AZURE_*`, workload
 * and managed identity, az, developer tools); without `@azure/identity` the same chain up to az.
 * @public Handlers load it with `require` at the first call.
 */
export function environmentCredential(env: NodeJS.ProcessEnv = process.env): TokenCredential {
  shared ??= credentialOf(environmentSignIn(env));
  return shared;
}

/**
 * How the environment says to sign in. Throws an Error naming what is missing of a way that is set by half. `hasSdk`: whether
 * `@azure/identity` is installed, whose chain knows more ways.
 */
export function environmentSignIn(env: NodeJS.ProcessEnv, hasSdk: boolean = isSdkInstalled()): SignIn {
  const tenantId = env.AZURE_TENANT_ID ?? env.ARM_TENANT_ID;
  const clientId = env.AZURE_CLIENT_ID ?? env.ARM_CLIENT_ID;
  const secret = env.AZURE_CLIENT_SECRET ?? env.ARM_CLIENT_SECRET;
  // One request less than the chain, which would come to the same.
  if (tenantId && clientId && secret) return { way: "secret", tenantId, clientId, secret };
  const signIn = signInOf(signInSettings(env));
  if (signIn.way !== "cli") return signIn;
  if (hasSdk) return { way: "default" };
  const path = env.AZURE_CLIENT_CERTIFICATE_PATH;
  const password = env.AZURE_CLIENT_CERTIFICATE_PASSWORD;
  const file = env.AZURE_FEDERATED_TOKEN_FILE;
  if (tenantId && clientId && path) return { way: "certificate", tenantId, clientId, path, password };
  if (tenantId && clientId && file) return { way: "oidc", tenantId, clientId, token: { file } };
  return env.IDENTITY_ENDPOINT ? { way: "msi", clientId } : signIn;
}

function isSdkInstalled(): boolean {
  try {
    require.resolve("@azure/identity");
    return true;
  } catch {
    return false;
  }
}
