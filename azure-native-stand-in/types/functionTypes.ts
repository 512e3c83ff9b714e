import { computed, list, object, optional, type Shapes, text } from "../propertyShape";
import { ACCESS_POLICY } from "./deviceServiceShapes";
import { IOT_HUB_PATH } from "./iotHubType";
import { PROVISIONING_SERVICE_PATH } from "./provisioningServiceType";
import type { ResourceType } from "./resourceType";

/** A function that sends a request to an ARM path. */
export type ArmFunction = {
  readonly token: string;
  readonly path: string;
  readonly apiVersion: string;
  /** Optional arguments, which go into the query. */
  readonly query?: readonly string[];
} & (
  | { readonly kind: "get"; readonly resource: ResourceType }
  /** The result's properties; those that are not listed are left out. */
  | { readonly kind: "post"; readonly result: Shapes }
);

/** A function; `clientConfig` reads the token in use and sends no request. */
export type FunctionType = ArmFunction | { readonly token: string; readonly kind: "clientConfig" };

const KEY_LIST: Shapes = { nextLink: computed(text), value: optional(list(object(ACCESS_POLICY))) };

const keyListing = (token: string, path: string, apiVersion: string, result: Shapes): FunctionType => ({
  kind: "post",
  ...{ token: `azure-native:${token}`, path, apiVersion, result },
});

const HUB_VERSION = "2023-06-30";
const DPS_VERSION = "2023-03-01-preview";

/** The functions that are no getters. Letter case of the paths is the genuine plugin's. */
const LISTINGS: readonly FunctionType[] = [
  keyListing("iothub:listIotHubResourceKeys", `${IOT_HUB_PATH}/listkeys`, HUB_VERSION, KEY_LIST),
  keyListing(
    "iothub:listIotHubResourceKeysForKeyName",
    `${IOT_HUB_PATH}/IotHubKeys/{keyName}/listkeys`,
    HUB_VERSION,
    ACCESS_POLICY,
  ),
  keyListing(
    "deviceprovisioningservices:listIotDpsResourceKeys",
    `${PROVISIONING_SERVICE_PATH}/listkeys`,
    DPS_VERSION,
    KEY_LIST,
  ),
  keyListing(
    "deviceprovisioningservices:listIotDpsResourceKeysForKeyName",
    `${PROVISIONING_SERVICE_PATH}/keys/{keyName}/listkeys`,
    DPS_VERSION,
    ACCESS_POLICY,
  ),
];

/** The getter of a resource type: `getIotHubResource` of `IotHubResource`. */
const getter = (resource: ResourceType): FunctionType => {
  const { token, path, apiVersion } = resource;
  const query = token.endsWith(":RoleAssignment") ? ["tenantId"] : undefined;
  return { kind: "get", token: token.replace(/:(\w+)$/, ":get$1"), path, apiVersion, query, resource };
};

/** Every function that the stand-in knows: key listings, the client's configuration, a getter of each resource type. */
export const functionTypes = (resources: readonly ResourceType[]): readonly FunctionType[] => [
  ...LISTINGS,
  { kind: "clientConfig", token: "azure-native:authorization:getClientConfig" },
  ...resources.map(getter),
];
