/** The api-versions that this toolkit sends. The local Azure accepts any, as later SDKs must go on working. */
export const API_VERSIONS = Object.freeze({
  /** Microsoft.Devices/provisioningServices and their certificates (ARM). */
  provisioningServices: "2022-12-12",
  /** Microsoft.Devices/provisioningServices (ARM) with links by identity, which are in api-versions from 2026-03-01-preview on. */
  provisioningServiceLinks: "2026-08-31",
  /** Microsoft.Devices/IotHubs (ARM). */
  iotHubs: "2023-06-30",
  resourceGroups: "2024-03-01",
  /** Microsoft.Authorization/roleAssignments (ARM). */
  roleAssignments: "2022-04-01",
  /** DPS service API: enrollments and registration states. */
  dpsService: "2021-10-01",
  /** DPS device API: register and operation status. */
  dpsDevice: "2021-06-01",
  /** IoT Hub service API: device identities. */
  hubService: "2021-04-12",
  /** IoT Hub device API: telemetry. */
  hubDevice: "2020-03-13",
  /** Microsoft.KeyVault/vaults and deletedVaults (ARM). */
  vaults: "2023-07-01",
  /** Key Vault: keys, secrets, certificates. */
  vaultObjects: "7.4",
});

/** OAuth 2.0 scopes for Entra tokens, one per service (Azure documentation, "control access with Microsoft Entra ID"). */
export const SCOPES = Object.freeze({
  arm: "https://management.azure.com/.default",
  dps: "https://azure-devices-provisioning.net/.default",
  hub: "https://iothubs.azure.net/.default",
  vault: "https://vault.azure.net/.default",
});
