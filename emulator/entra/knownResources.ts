import { BLOB_SUFFIX } from "../../azure/hosts";

/** The resources for which the tenant issues tokens, without a trailing slash. */
const RESOURCES: ReadonlySet<string> = new Set([
  "https://management.azure.com",
  "https://management.core.windows.net",
  "https://azure-devices-provisioning.net",
  "https://iothubs.azure.net",
  "https://vault.azure.net",
  "https://graph.microsoft.com",
  "https://storage.azure.com",
]);

/** Every storage account is a resource of its own, beside the one for all. */
const STORAGE_ACCOUNT = new RegExp(`^https://[a-z0-9]{3,24}\\.${BLOB_SUFFIX.replaceAll(".", "\\.")}$`);

/** Whether the tenant issues tokens for a resource; letter case and trailing slashes do not matter. */
export function isKnownResource(resource: string): boolean {
  const name = resource.replace(/(?<!\/)\/+$/, "").toLowerCase();
  return RESOURCES.has(name) || STORAGE_ACCOUNT.test(name);
}
