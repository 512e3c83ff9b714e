import {
  computed,
  flag,
  integer,
  limitedText,
  list,
  map,
  object,
  optional,
  required,
  type TextLimits,
  text,
} from "../propertyShape";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/** The specification's limits of a vault's name. */
export const VAULT_NAME: TextLimits = { pattern: "^[a-zA-Z0-9-]{3,24}$" };
/** The specification's limits of the names of keys and secrets. */
export const VAULT_OBJECT_NAME: TextLimits = { pattern: "^[a-zA-Z0-9-]{1,127}$" };

const guid = limitedText({
  pattern: "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
  minLength: 36,
  maxLength: 36,
});

const accessPolicy = object({
  applicationId: optional(guid),
  objectId: required(text),
  permissions: required(
    object({
      certificates: optional(list(text)),
      keys: optional(list(text)),
      secrets: optional(list(text)),
      storage: optional(list(text)),
    }),
  ),
  tenantId: required(guid),
});

const networkAcls = object({
  bypass: optional(text),
  defaultAction: optional(text),
  ipRules: optional(list(object({ value: required(text) }))),
  virtualNetworkRules: optional(list(object({ id: required(text), ignoreMissingVnetServiceEndpoint: optional(flag) }))),
});

const privateEndpointConnection = object({
  etag: computed(text),
  id: computed(text),
  privateEndpoint: computed(object({ id: computed(text) })),
  privateLinkServiceConnectionState: computed(
    object({ actionsRequired: computed(text), description: computed(text), status: computed(text) }),
  ),
  provisioningState: computed(text),
});

const properties = object({
  accessPolicies: optional(list(accessPolicy)),
  createMode: optional(text),
  enablePurgeProtection: optional(flag),
  enableRbacAuthorization: optional(flag),
  enableSoftDelete: optional(flag),
  enabledForDeployment: optional(flag),
  enabledForDiskEncryption: optional(flag),
  enabledForTemplateDeployment: optional(flag),
  hsmPoolResourceId: computed(text),
  networkAcls: optional(networkAcls),
  privateEndpointConnections: computed(list(privateEndpointConnection)),
  provisioningState: computed(text),
  publicNetworkAccess: optional(text),
  sku: required(object({ family: required(text), name: required(text) })),
  softDeleteRetentionInDays: optional(integer),
  tenantId: required(guid),
  vaultUri: computed(text),
});

/** A key vault (`@pulumi/azure-native/keyvault`). Its DELETE is complete with the response; Azure keeps the contents for recovery. */
export const VAULT: ResourceType = {
  token: "azure-native:keyvault:Vault",
  armType: "Microsoft.KeyVault/vaults",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}",
  apiVersion: "2024-11-01",
  nameParameter: "vaultName",
  autoName: "random",
  location: "resourceGroup",
  parameterLimits: { vaultName: VAULT_NAME },
  unmanagedLists: [["properties", "accessPolicies"]],
  body: {
    location: optional(text),
    properties: required(properties),
    systemData: computed(object(SYSTEM_DATA)),
    tags: optional(map(text)),
  },
};
