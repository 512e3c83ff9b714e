import { TENANT } from "../../cast/armHarness";

export const SUBSCRIPTION = `/subscriptions/${TENANT.subscriptionId}`;
export const GROUP = `${SUBSCRIPTION}/resourceGroups/rg`;
export const DEVICES = `${GROUP}/providers/Microsoft.Devices`;
export const HUB = `${DEVICES}/IotHubs/hub-with-a-name-of-thirty-ch`;
export const FREE_HUB = `${DEVICES}/IotHubs/hub-free`;
export const DPS = `${DEVICES}/provisioningServices/dps-1`;
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
export const USER = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/user-1`;
export const CERTIFICATE = `${HUB}/certificates/root`;
export const APPS = `${GROUP}/providers/Microsoft.App`;
export const ENVIRONMENT = `${APPS}/managedEnvironments/environment-1`;
export const JOB = `${APPS}/jobs/job-1`;
export const STALE = "AAAAAAAAAAA=";

/** API versions by what they are of. */
export const V = {
  group: "2022-09-01",
  hub: "2021-07-02",
  hub2023: "2023-06-30",
  hubPreview: "2023-06-30-preview",
  dps: "2021-10-15",
  dps2023: "2023-03-01-preview",
  dps2026: "2026-08-31",
  vault: "2023-02-01",
  identity: "2023-01-31",
  roles: "2022-04-01",
  apps: "2025-02-02-preview",
} as const;

export const CLI = "azure-cli iot recordings:";
export const NET = "azure-sdk-for-net recordings:";
export const hub = { location: "westeurope", sku: { name: "S1", capacity: 1 } };
export const free = { location: "westeurope", sku: { name: "F1", capacity: 1 } };
export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const put = (path: string, apiVersion: string, body: unknown, headers?: Record<string, string>) => ({
  method: "PUT",
  path,
  apiVersion,
  body,
  ...(headers && { headers }),
});
export const get = (path: string, apiVersion: string) => ({ method: "GET", path, apiVersion });
export const post = (path: string, apiVersion: string, body: unknown = {}, headers?: Record<string, string>) => ({
  ...put(path, apiVersion, body, headers),
  method: "POST",
});
export const remove = (path: string, apiVersion: string, headers?: Record<string, string>) => ({
  ...get(path, apiVersion),
  method: "DELETE",
  ...(headers && { headers }),
});
export const withProperties = (properties: object, base: object = hub) => ({ ...base, properties });
