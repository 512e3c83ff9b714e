import { CONSUMER_GROUP } from "./consumerGroup";
import { DPS_CERTIFICATE } from "./dpsCertificate";
import { FUNCTION_TYPES, type FunctionType } from "./functions";
import { IOT_HUB } from "./iotHub";
import { KEY } from "./key";
import { PROVISIONING_SERVICE } from "./provisioningService";
import { RESOURCE_GROUP } from "./resourceGroup";
import type { ResourceType } from "./resourceType";
import { ROLE_ASSIGNMENT } from "./roleAssignment";
import { SECRET } from "./secret";
import { VAULT } from "./vault";

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
]);

const resources = new Map(RESOURCE_TYPES.map((type) => [type.token, type]));
const functions = new Map(FUNCTION_TYPES.map((type) => [type.token, type]));

/** The type behind a token such as `azure-native:iothub:IotHubResource`; undefined when the stand-in does not know it. */
export const resourceType = (token: string): ResourceType | undefined => resources.get(token);

/** The function behind a token such as `azure-native:iothub:listIotHubResourceKeys`; undefined when unknown. */
export const functionType = (token: string): FunctionType | undefined => functions.get(token);

/** The way out of a token that the stand-in does not know, in one sentence. */
export const unknownToken = (kind: "resource type" | "function", token: string): string =>
  `${token} is no ${kind} of the stand-in azure-native plugin for the local Azure; the genuine azure-native plugin may know it. ` +
  `The stand-in knows: ${(kind === "function" ? [...functions.keys()] : [...resources.keys()]).join(", ")}`;
