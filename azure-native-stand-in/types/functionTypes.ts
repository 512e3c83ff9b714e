import { computed, list, object, optional, type Shapes, text } from "../propertyShape";
import { ACCESS_POLICY } from "./deviceServiceShapes";
import { IOT_HUB } from "./iotHubType";
import { PROVISIONING_SERVICE } from "./provisioningServiceType";
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

/** The key listings of a type: all keys, and one by its name, which is found below `keys`. */
const keyListings = ({ token, path, apiVersion }: ResourceType, keys: string): readonly FunctionType[] => {
  const all = token.replace(/:(\w+)$/, ":list$1Keys");
  return [
    { kind: "post", token: all, path: `${path}/listkeys`, apiVersion, result: KEY_LIST },
    {
      kind: "post",
      token: `${all}ForKeyName`,
      path: `${path}/${keys}/{keyName}/listkeys`,
      apiVersion,
      result: ACCESS_POLICY,
    },
  ];
};

/** The optional arguments of getters. */
const GETTER_QUERIES: Readonly<Record<string, readonly string[]>> = {
  "azure-native:authorization:RoleAssignment": ["tenantId"],
  "azure-native:storage:StorageAccount": ["expand"],
};

/** The getter of a resource type: `getIotHubResource` of `IotHubResource`. */
const getter = (resource: ResourceType): FunctionType => {
  const { token, path, apiVersion } = resource;
  return {
    kind: "get",
    token: token.replace(/:(\w+)$/, ":get$1"),
    path,
    apiVersion,
    query: GETTER_QUERIES[token],
    resource,
  };
};

/** Every function that the stand-in knows: key listings, the client's configuration, a getter of each resource type. */
export const functionTypes = (resources: readonly ResourceType[]): readonly FunctionType[] => [
  // Letter case of the paths is the genuine plugin's.
  ...keyListings(IOT_HUB, "IotHubKeys"),
  ...keyListings(PROVISIONING_SERVICE, "keys"),
  { kind: "clientConfig", token: "azure-native:authorization:getClientConfig" },
  ...resources.map(getter),
];
