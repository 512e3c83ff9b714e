/**
 * The host names of Azure's public cloud that this toolkit speaks to, and the tenants' names below them.
 * Source: Azure documentation "IoT Hub Device Provisioning Service – endpoints", "Azure Resource Manager".
 */

export const ARM_HOST = "management.azure.com";
export const LOGIN_HOST = "login.microsoftonline.com";
/** Older spelling of the sign-in host, still named in challenges. */
export const LOGIN_HOST_LEGACY = "login.windows.net";
/** Microsoft Graph: who is who in a tenant. */
export const GRAPH_HOST = "graph.microsoft.com";
/** The global device endpoint of DPS; the ID scope in the path chooses the service. */
export const GLOBAL_DEVICE_ENDPOINT = "global.azure-devices-provisioning.net";

export const DPS_SUFFIX = "azure-devices-provisioning.net";
export const HUB_SUFFIX = "azure-devices.net";
export const VAULT_SUFFIX = "vault.azure.net";
/** Pools of hardware security modules, with key addresses under DNS names of their own. */
export const MANAGED_HSM_SUFFIX = "managedhsm.azure.net";
/** Event Hubs, among them the built-in endpoints of IoT hubs: `NAMESPACE.servicebus.windows.net`. */
export const EVENT_HUBS_SUFFIX = "servicebus.windows.net";
/** Blobs of storage accounts: `ACCOUNT.blob.core.windows.net`. */
export const BLOB_SUFFIX = "blob.core.windows.net";

/** The Instance Metadata Service: the same address on every machine of Azure, in clear. */
export const IMDS_HOST = "169.254.169.254";

/** The service endpoint (enrollments) of a provisioning service: `NAME.azure-devices-provisioning.net`. */
export const serviceHost = (provisioningService: string): string => `${provisioningService}.${DPS_SUFFIX}`;

/** The host name of an IoT hub: `NAME.azure-devices.net`. */
export const hubHost = (hub: string): string => `${hub}.${HUB_SUFFIX}`;

/** The host name of a key vault: `NAME.vault.azure.net`. */
export const vaultHost = (vault: string): string => `${vault}.${VAULT_SUFFIX}`;

/** The host name of a namespace of Event Hubs: `NAMESPACE.servicebus.windows.net`. */
export const eventHubsHost = (namespace: string): string => `${namespace}.${EVENT_HUBS_SUFFIX}`;

/** The service at a host, with the tenant's resource name if the host name contains one. */
export type AzureHost =
  | { readonly service: "arm" }
  | { readonly service: "login" }
  | { readonly service: "graph" }
  | { readonly service: "dpsDevice" }
  | { readonly service: "dps"; readonly name: string }
  | { readonly service: "hub"; readonly name: string }
  | { readonly service: "vault"; readonly name: string }
  | { readonly service: "eventHubs"; readonly name: string }
  | { readonly service: "blob"; readonly name: string };

const FIXED: Readonly<Record<string, AzureHost>> = {
  [ARM_HOST]: { service: "arm" },
  [LOGIN_HOST]: { service: "login" },
  [LOGIN_HOST_LEGACY]: { service: "login" },
  [GRAPH_HOST]: { service: "graph" },
  [GLOBAL_DEVICE_ENDPOINT]: { service: "dpsDevice" },
};

const SUFFIXES = [
  [DPS_SUFFIX, "dps"],
  [HUB_SUFFIX, "hub"],
  [VAULT_SUFFIX, "vault"],
  [EVENT_HUBS_SUFFIX, "eventHubs"],
  [BLOB_SUFFIX, "blob"],
] as const;

/** Which of Azure's services a host name (any letter case, no port) belongs to; undefined for any other host. */
export function azureHost(hostName: string): AzureHost | undefined {
  const host = hostName.toLowerCase();
  const fixed = Object.hasOwn(FIXED, host) ? FIXED[host] : undefined;
  if (fixed) return fixed;
  for (const [suffix, service] of SUFFIXES) {
    const name = host.endsWith(`.${suffix}`) ? host.slice(0, -suffix.length - 1) : "";
    if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) return { service, name };
  }
  return undefined;
}
