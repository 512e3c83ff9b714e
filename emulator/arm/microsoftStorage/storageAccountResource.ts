import { BLOB_SUFFIX } from "../../../azure/hosts";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import { NAME, RESOURCE_GROUP_PATH } from "../armRequest";
import { identityBody } from "../microsoftManagedIdentity/managedIdentity";
import { commonBody, type Resource } from "../microsoftResources/resourceStore";

/** The resource type of storage accounts. */
export const STORAGE_TYPE = "Microsoft.Storage/storageAccounts";
/** The path of the storage accounts of a resource group. */
export const STORAGE_ACCOUNTS_PATH = `${RESOURCE_GROUP_PATH}/providers/${STORAGE_TYPE}`;
/** The path of one of them. */
export const STORAGE_ACCOUNT_PATH = `${STORAGE_ACCOUNTS_PATH}/:${NAME}`;

/** What Azure sets where a body does not (REST reference "Storage Accounts – Create", and the changes of defaults in 2023). */
const DEFAULTS: JsonObject = Object.freeze({
  accessTier: "Hot",
  allowBlobPublicAccess: false,
  allowCrossTenantReplication: false,
  minimumTlsVersion: "TLS1_0",
  supportsHttpsTrafficOnly: true,
  networkAcls: { bypass: "AzureServices", virtualNetworkRules: [], ipRules: [], defaultAction: "Allow" },
  encryption: {
    services: { blob: { enabled: true, keyType: "Account" }, file: { enabled: true, keyType: "Account" } },
    keySource: "Microsoft.Storage",
  },
});

/** The properties of an account: those of the body, with defaults. Those that a PATCH or a PUT of an existing account leaves out stay. */
export const accountProperties = (given: JsonObject, before: JsonObject = DEFAULTS): JsonObject => ({
  ...before,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
});

/** `Standard` of `Standard_ZRS`. */
const tierOf = (sku: unknown): string => String(sku).split("_", 1)[0] ?? "";

/** A storage account as GET, PUT and the lists return it. */
export function storageAccountBody(resource: Resource, deps: ArmDependencies): JsonObject {
  const { name, location, sku, properties, createdAt, readyAt } = resource;
  const created = new Date(createdAt).toISOString();
  const { kind, ...own } = properties;
  return {
    sku: { name: sku.name, tier: tierOf(sku.name) },
    kind,
    ...commonBody(resource, deps.subscriptionId),
    identity: identityBody(resource.identity, deps),
    properties: {
      ...own,
      keyCreationTime: { key1: created, key2: created },
      privateEndpointConnections: [],
      provisioningState: deps.clock.now().getTime() >= readyAt ? "Succeeded" : "Creating",
      creationTime: created,
      primaryEndpoints: { blob: `https://${name}.${BLOB_SUFFIX}/` },
      primaryLocation: location,
      statusOfPrimary: "available",
    },
  };
}

/** Whether blobs of the account may be public. */
export const allowsPublicAccess = ({ properties }: Resource): boolean => properties.allowBlobPublicAccess === true;
