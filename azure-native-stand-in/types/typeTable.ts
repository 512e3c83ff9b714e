import { BLOB_CONTAINER, IMMUTABILITY_POLICY } from "./blobContainerTypes";
import { CONTAINER_APP } from "./containerAppType";
import { CONTAINER_JOB } from "./containerJobType";
import { type FunctionType, functionTypes } from "./functionTypes";
import { CONSUMER_GROUP, IOT_HUB } from "./iotHubType";
import { MANAGED_ENVIRONMENT } from "./managedEnvironmentType";
import { DPS_CERTIFICATE, PROVISIONING_SERVICE } from "./provisioningServiceType";
import { RESOURCE_GROUP } from "./resourceGroupType";
import type { ResourceType } from "./resourceType";
import { ROLE_ASSIGNMENT } from "./roleAssignmentType";
import { STORAGE_ACCOUNT } from "./storageAccountType";
import { USER_ASSIGNED_IDENTITY } from "./userAssignedIdentityType";
import { KEY, SECRET } from "./vaultObjectTypes";
import { VAULT } from "./vaultType";

/** Every resource type that the stand-in knows. */
export const RESOURCE_TYPES: readonly ResourceType[] = Object.freeze([
  RESOURCE_GROUP,
  IOT_HUB,
  CONSUMER_GROUP,
  PROVISIONING_SERVICE,
  DPS_CERTIFICATE,
  VAULT,
  SECRET,
  KEY,
  ROLE_ASSIGNMENT,
  USER_ASSIGNED_IDENTITY,
  STORAGE_ACCOUNT,
  BLOB_CONTAINER,
  IMMUTABILITY_POLICY,
  MANAGED_ENVIRONMENT,
  CONTAINER_APP,
  CONTAINER_JOB,
]);

/** Every function that the stand-in knows. */
export const FUNCTION_TYPES: readonly FunctionType[] = Object.freeze(functionTypes(RESOURCE_TYPES));

const resources = new Map(RESOURCE_TYPES.map((type) => [type.token, type]));
const functions = new Map(FUNCTION_TYPES.map((type) => [type.token, type]));

/** The type behind a token such as `azure-native:iothub:IotHubResource`; undefined when the stand-in does not know it. */
export const resourceType = (token: string): ResourceType | undefined => resources.get(token);

/** The function behind a token such as `azure-native:iothub:listIotHubResourceKeys`; undefined when unknown. */
export const functionType = (token: string): FunctionType | undefined => functions.get(token);

/** The error message for a token that the stand-in does not know. */
export const unknownToken = (kind: "resource type" | "function", token: string): string =>
  `${token} is no ${kind} of the stand-in azure-native plugin for the local Azure; the genuine azure-native plugin may know it. ` +
  `The stand-in knows: ${(kind === "function" ? [...functions.keys()] : [...resources.keys()]).join(", ")}`;
