/** Who this machine is to Azure: from the environment, never from resource inputs. Loaded only when a call is made. */
import type { TokenCredential } from "@azure/core-auth";

let shared: TokenCredential | undefined;

/**
 * The process's one credential. A service principal in `AZURE_*` or, as azure-native reads it, in `ARM_*`; without one,
 * DefaultAzureCredential's chain (workload and managed identity, az, developer tools).
 * @public Handlers load it with `require` at the first call.
 */
export function environmentCredential(env: NodeJS.ProcessEnv = process.env): TokenCredential {
  shared ??= createCredential(env);
  return shared;
}

function createCredential(env: NodeJS.ProcessEnv): TokenCredential {
  // Loading @azure/identity takes a third of a second: previews, which make no calls, must not pay for it.
  const identity = require("@azure/identity") as typeof import("@azure/identity");
  const tenant = env.AZURE_TENANT_ID ?? env.ARM_TENANT_ID;
  const client = env.AZURE_CLIENT_ID ?? env.ARM_CLIENT_ID;
  const secret = env.AZURE_CLIENT_SECRET ?? env.ARM_CLIENT_SECRET;
  if (tenant && client && secret) return new identity.ClientSecretCredential(tenant, client, secret);
  return new identity.DefaultAzureCredential();
}
