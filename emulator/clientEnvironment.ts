import { clientVariables } from "./contract/clientVariables";
import type { Ready } from "./contract/ready";

/**
 * Variables that point clients at a local Azure: proxy, certificates, and its service principal under the names that
 * azure-native and Azure's SDKs read. `bundle`: a file of roots and the local CA's certificate.
 */
export function clientEnvironment(ready: Ready, bundle: string): Readonly<Record<string, string>> {
  const who = {
    TENANT_ID: ready.tenantId,
    SUBSCRIPTION_ID: ready.subscriptionId,
    CLIENT_ID: ready.clientId,
    CLIENT_SECRET: ready.clientSecret,
  };
  const both = Object.entries(who).flatMap(([name, value]) => [
    [`ARM_${name}`, value],
    [`AZURE_${name}`, value],
  ]);
  return {
    // The checkout's program and its stand-in for the azure-native plugin run only where both name the same cloud.
    ZERO_TOUCH_CLOUD: "local",
    ZERO_TOUCH_LOCAL_CONTROL: ready.controlUrl,
    // Read by the preload for Node clients that know no proxy.
    ZERO_TOUCH_LOCAL_DIRECT: ready.metadataHost,
    ...clientVariables(ready, bundle),
    ...Object.fromEntries(both),
  };
}
