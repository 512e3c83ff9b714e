import { count, flag, gives, list, map, may, must, object, text } from "../shapes";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

const accessPolicy = object({
  applicationId: may(text),
  objectId: must(text),
  permissions: must(
    object({
      certificates: may(list(text)),
      keys: may(list(text)),
      secrets: may(list(text)),
      storage: may(list(text)),
    }),
  ),
  tenantId: must(text),
});

const networkAcls = object({
  bypass: may(text),
  defaultAction: may(text),
  ipRules: may(list(object({ value: must(text) }))),
  virtualNetworkRules: may(list(object({ id: must(text), ignoreMissingVnetServiceEndpoint: may(flag) }))),
});

const privateEndpointConnection = object({
  etag: gives(text),
  id: gives(text),
  privateEndpoint: gives(object({ id: gives(text) })),
  privateLinkServiceConnectionState: gives(
    object({ actionsRequired: gives(text), description: gives(text), status: gives(text) }),
  ),
  provisioningState: gives(text),
});

const properties = object({
  accessPolicies: may(list(accessPolicy)),
  createMode: may(text),
  enablePurgeProtection: may(flag),
  enableRbacAuthorization: may(flag),
  enableSoftDelete: may(flag),
  enabledForDeployment: may(flag),
  enabledForDiskEncryption: may(flag),
  enabledForTemplateDeployment: may(flag),
  hsmPoolResourceId: gives(text),
  networkAcls: may(networkAcls),
  privateEndpointConnections: gives(list(privateEndpointConnection)),
  provisioningState: gives(text),
  publicNetworkAccess: may(text),
  sku: must(object({ family: must(text), name: must(text) })),
  softDeleteRetentionInDays: may(count),
  tenantId: must(text),
  vaultUri: gives(text),
});

/** A key vault (`@pulumi/azure-native/keyvault`). Its DELETE has ended when it is answered; what it held is kept. */
export const VAULT: ResourceType = {
  token: "azure-native:keyvault:Vault",
  armType: "Microsoft.KeyVault/vaults",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}",
  apiVersion: "2024-11-01",
  nameParameter: "vaultName",
  autoName: "random",
  location: "resourceGroup",
  deleteIsPolled: false,
  body: {
    location: may(text),
    properties: must(properties),
    systemData: gives(object(SYSTEM_DATA)),
    tags: may(map(text)),
  },
};
