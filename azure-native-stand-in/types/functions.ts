import { list, may, must, object, type Shapes, text } from "../shapes";
import { ACCESS_POLICY } from "./deviceService";
import { IOT_HUB_PATH } from "./iotHub";
import { PROVISIONING_SERVICE_PATH } from "./provisioningService";

/** A function that POSTs to an ARM path, or one that the plugin answers by itself. */
export interface FunctionType {
  readonly token: string;
  /** Undefined for `getClientConfig`, which reads the token in use. */
  readonly path?: string;
  readonly apiVersion?: string;
  /** What the result holds; properties that are not listed are left out. */
  readonly result: Shapes;
}

const KEY_LIST: Shapes = { nextLink: may(text), value: may(list(object(ACCESS_POLICY))) };

const HUB_VERSION = "2023-06-30";
const DPS_VERSION = "2023-03-01-preview";

/** Every function that the stand-in knows. Letter case of the paths is the genuine plugin's. */
export const FUNCTION_TYPES: readonly FunctionType[] = Object.freeze([
  {
    token: "azure-native:iothub:listIotHubResourceKeys",
    path: `${IOT_HUB_PATH}/listkeys`,
    apiVersion: HUB_VERSION,
    result: KEY_LIST,
  },
  {
    token: "azure-native:iothub:listIotHubResourceKeysForKeyName",
    path: `${IOT_HUB_PATH}/IotHubKeys/{keyName}/listkeys`,
    apiVersion: HUB_VERSION,
    result: ACCESS_POLICY,
  },
  {
    token: "azure-native:deviceprovisioningservices:listIotDpsResourceKeys",
    path: `${PROVISIONING_SERVICE_PATH}/listkeys`,
    apiVersion: DPS_VERSION,
    result: KEY_LIST,
  },
  {
    token: "azure-native:deviceprovisioningservices:listIotDpsResourceKeysForKeyName",
    path: `${PROVISIONING_SERVICE_PATH}/keys/{keyName}/listkeys`,
    apiVersion: DPS_VERSION,
    result: ACCESS_POLICY,
  },
  {
    token: "azure-native:authorization:getClientConfig",
    result: { clientId: must(text), objectId: must(text), subscriptionId: must(text), tenantId: must(text) },
  },
]);
