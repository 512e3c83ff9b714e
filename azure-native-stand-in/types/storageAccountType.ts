import {
  any,
  computed,
  flag,
  ids,
  integer,
  list,
  map,
  object,
  onWire,
  optional,
  required,
  text,
} from "../propertyShape";
import type { ResourceType } from "./resourceType";

/** The id of a storage account, with its parameters in braces. */
export const STORAGE_ACCOUNT_PATH =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}";

/** A storage account (`@pulumi/azure-native/storage`). Its DELETE is complete with the response. */
export const STORAGE_ACCOUNT: ResourceType = {
  token: "azure-native:storage:StorageAccount",
  armType: "Microsoft.Storage/storageAccounts",
  path: STORAGE_ACCOUNT_PATH,
  apiVersion: "2024-01-01",
  nameParameter: "accountName",
  autoName: "random",
  location: "resourceGroup",
  parameterLimits: { accountName: { pattern: "^[a-z0-9]+$", minLength: 3, maxLength: 24 } },
  inside: "properties",
  body: {
    accessTier: optional(text),
    accountMigrationInProgress: computed(flag),
    allowBlobPublicAccess: optional(flag),
    allowCrossTenantReplication: optional(flag),
    allowSharedKeyAccess: optional(flag),
    allowedCopyScope: optional(text),
    azureFilesIdentityBasedAuthentication: optional(
      object({
        activeDirectoryProperties: optional(
          object({
            accountType: optional(text),
            azureStorageSid: optional(text),
            domainGuid: required(text),
            domainName: required(text),
            domainSid: optional(text),
            forestName: optional(text),
            netBiosDomainName: optional(text),
            samAccountName: optional(text),
          }),
        ),
        defaultSharePermission: optional(text),
        directoryServiceOptions: required(text),
      }),
    ),
    blobRestoreStatus: computed(any),
    creationTime: computed(text),
    customDomain: optional(object({ name: required(text), useSubDomainName: optional(flag) })),
    defaultToOAuthAuthentication: optional(flag),
    dnsEndpointType: optional(text),
    enableExtendedGroups: optional(flag),
    enableHttpsTrafficOnly: onWire("supportsHttpsTrafficOnly", optional(flag)),
    enableNfsV3: onWire("isNfsV3Enabled", optional(flag)),
    encryption: optional(
      object({
        encryptionIdentity: onWire(
          "identity",
          optional(
            object({
              encryptionFederatedIdentityClientId: onWire("federatedIdentityClientId", optional(text)),
              encryptionUserAssignedIdentity: onWire("userAssignedIdentity", optional(text)),
            }),
          ),
        ),
        keySource: optional(text),
        keyVaultProperties: onWire(
          "keyvaultproperties",
          optional(
            object({
              currentVersionedKeyExpirationTimestamp: computed(text),
              currentVersionedKeyIdentifier: computed(text),
              keyName: onWire("keyname", optional(text)),
              keyVaultUri: onWire("keyvaulturi", optional(text)),
              keyVersion: onWire("keyversion", optional(text)),
              lastKeyRotationTimestamp: computed(text),
            }),
          ),
        ),
        requireInfrastructureEncryption: optional(flag),
        services: optional(
          object({
            blob: optional(
              object({ enabled: optional(flag), keyType: optional(text), lastEnabledTime: computed(text) }),
            ),
            file: optional(
              object({ enabled: optional(flag), keyType: optional(text), lastEnabledTime: computed(text) }),
            ),
            queue: optional(
              object({ enabled: optional(flag), keyType: optional(text), lastEnabledTime: computed(text) }),
            ),
            table: optional(
              object({ enabled: optional(flag), keyType: optional(text), lastEnabledTime: computed(text) }),
            ),
          }),
        ),
      }),
    ),
    extendedLocation: optional(object({ name: optional(text), type: optional(text) })),
    failoverInProgress: computed(flag),
    geoReplicationStats: computed(any),
    identity: optional(
      object({
        principalId: computed(text),
        tenantId: computed(text),
        type: required(text),
        userAssignedIdentities: optional(ids),
      }),
    ),
    immutableStorageWithVersioning: optional(
      object({
        enabled: optional(flag),
        immutabilityPolicy: optional(
          object({
            allowProtectedAppendWrites: optional(flag),
            immutabilityPeriodSinceCreationInDays: optional(integer),
            state: optional(text),
          }),
        ),
      }),
    ),
    isHnsEnabled: optional(flag),
    isLocalUserEnabled: optional(flag),
    isSftpEnabled: optional(flag),
    isSkuConversionBlocked: computed(flag),
    keyCreationTime: computed(any),
    keyPolicy: optional(object({ keyExpirationPeriodInDays: required(integer) })),
    kind: required(text),
    largeFileSharesState: optional(text),
    lastGeoFailoverTime: computed(text),
    location: optional(text),
    minimumTlsVersion: optional(text),
    networkRuleSet: onWire(
      "networkAcls",
      optional(
        object({
          bypass: optional(text),
          defaultAction: required(text),
          ipRules: optional(
            list(object({ action: optional(text), iPAddressOrRange: onWire("value", required(text)) })),
          ),
          resourceAccessRules: optional(list(object({ resourceId: optional(text), tenantId: optional(text) }))),
          virtualNetworkRules: optional(
            list(
              object({
                action: optional(text),
                state: optional(text),
                virtualNetworkResourceId: onWire("id", required(text)),
              }),
            ),
          ),
        }),
      ),
    ),
    primaryEndpoints: computed(any),
    primaryLocation: computed(text),
    privateEndpointConnections: computed(any),
    provisioningState: computed(text),
    publicNetworkAccess: optional(text),
    routingPreference: optional(
      object({
        publishInternetEndpoints: optional(flag),
        publishMicrosoftEndpoints: optional(flag),
        routingChoice: optional(text),
      }),
    ),
    sasPolicy: optional(object({ expirationAction: required(text), sasExpirationPeriod: required(text) })),
    secondaryEndpoints: computed(any),
    secondaryLocation: computed(text),
    sku: required(object({ name: required(text), tier: computed(text) })),
    statusOfPrimary: computed(text),
    statusOfSecondary: computed(text),
    storageAccountSkuConversionStatus: computed(any),
    tags: optional(map(text)),
  },
};
