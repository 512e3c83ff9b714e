import { any, computed, flag, integer, map, object, optional, text } from "../propertyShape";
import type { ResourceType } from "./resourceType";
import { STORAGE_ACCOUNT } from "./storageAccountType";

const limits = {
  accountName: { minLength: 3, maxLength: 24 },
  containerName: { minLength: 3, maxLength: 63 },
};

/** A container of blobs (`@pulumi/azure-native/storage`). */
export const BLOB_CONTAINER: ResourceType = {
  token: "azure-native:storage:BlobContainer",
  armType: "Microsoft.Storage/storageAccounts/blobServices/containers",
  path: `${STORAGE_ACCOUNT.path}/blobServices/default/containers/{containerName}`,
  apiVersion: STORAGE_ACCOUNT.apiVersion,
  nameParameter: "containerName",
  parameterLimits: limits,
  putIsComplete: true,
  inside: "properties",
  body: {
    defaultEncryptionScope: optional(text),
    deleted: computed(flag),
    deletedTime: computed(text),
    denyEncryptionScopeOverride: optional(flag),
    enableNfsV3AllSquash: optional(flag),
    enableNfsV3RootSquash: optional(flag),
    etag: computed(text),
    hasImmutabilityPolicy: computed(flag),
    hasLegalHold: computed(flag),
    immutabilityPolicy: computed(any),
    immutableStorageWithVersioning: optional(
      object({ enabled: optional(flag), migrationState: computed(text), timeStamp: computed(text) }),
    ),
    lastModifiedTime: computed(text),
    leaseDuration: computed(text),
    leaseState: computed(text),
    leaseStatus: computed(text),
    legalHold: computed(any),
    metadata: optional(map(text)),
    publicAccess: optional(text),
    remainingRetentionDays: computed(integer),
    version: computed(text),
  },
};

/**
 * The immutability policy of a container. Azure returns one of zero days where there is none. As the genuine plugin, the
 * stand-in sends no `If-Match` to delete it, and Azure refuses that (pulumi-azure-native#2156).
 */
export const IMMUTABILITY_POLICY: ResourceType = {
  token: "azure-native:storage:BlobContainerImmutabilityPolicy",
  armType: "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
  path: `${BLOB_CONTAINER.path}/immutabilityPolicies/{immutabilityPolicyName}`,
  apiVersion: STORAGE_ACCOUNT.apiVersion,
  nameParameter: "immutabilityPolicyName",
  parameterLimits: limits,
  putIsComplete: true,
  inside: "properties",
  initialState: { immutabilityPeriodSinceCreationInDays: 0 },
  body: {
    allowProtectedAppendWrites: optional(flag),
    allowProtectedAppendWritesAll: optional(flag),
    etag: computed(text),
    immutabilityPeriodSinceCreationInDays: optional(integer),
    state: computed(text),
  },
};
