import {
  any,
  computed,
  flag,
  integer,
  integerFrom,
  list,
  listBy,
  map,
  object,
  optional,
  required,
  text,
} from "../propertyShape";
import { ACCESS_POLICY, DEVICE_SERVICE, deviceServiceBody, PRIVATE_ENDPOINT_CONNECTION } from "./deviceServiceShapes";
import { hubRouting, managedIdentity } from "./hubRoutingShape";
import type { ResourceType } from "./resourceType";

const queue = {
  lockDurationAsIso8601: optional(text),
  maxDeliveryCount: optional(integerFrom(1, 100)),
  ttlAsIso8601: optional(text),
};

const properties = object({
  allowedFqdnList: optional(list(text)),
  authorizationPolicies: optional(list(object(ACCESS_POLICY))),
  cloudToDevice: optional(
    object({
      defaultTtlAsIso8601: optional(text),
      feedback: optional(object(queue)),
      maxDeliveryCount: optional(integerFrom(1, 100)),
    }),
  ),
  comments: optional(text),
  disableDeviceSAS: optional(flag),
  disableLocalAuth: optional(flag),
  disableModuleSAS: optional(flag),
  enableDataResidency: optional(flag),
  enableFileUploadNotifications: optional(flag),
  eventHubEndpoints: optional(
    map(
      object({
        endpoint: computed(text),
        partitionCount: optional(integer),
        partitionIds: computed(list(text)),
        path: computed(text),
        retentionTimeInDays: optional(integer),
      }),
    ),
  ),
  features: optional(text),
  hostName: computed(text),
  ipFilterRules: optional(
    listBy("filterName", object({ action: required(text), filterName: required(text), ipMask: required(text) })),
  ),
  locations: computed(list(object({ location: computed(text), role: computed(text) }))),
  messagingEndpoints: optional(map(object(queue))),
  minTlsVersion: optional(text),
  networkRuleSets: optional(
    object({
      applyToBuiltInEventHubEndpoint: required(flag),
      defaultAction: optional(text),
      ipRules: required(
        listBy("filterName", object({ action: optional(text), filterName: required(text), ipMask: required(text) })),
      ),
    }),
  ),
  privateEndpointConnections: optional(list(object(PRIVATE_ENDPOINT_CONNECTION))),
  provisioningState: computed(text),
  publicNetworkAccess: optional(text),
  restrictOutboundNetworkAccess: optional(flag),
  routing: optional(hubRouting),
  state: computed(text),
  storageEndpoints: optional(
    map(
      object({
        authenticationType: optional(text),
        connectionString: required(text),
        containerName: required(text),
        identity: optional(managedIdentity),
        sasTtlAsIso8601: optional(text),
      }),
    ),
  ),
});

/** The id of a hub, with its parameters in braces. */
export const IOT_HUB_PATH =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Devices/IotHubs/{resourceName}";

/** An IoT hub (`@pulumi/azure-native/iothub`). */
export const IOT_HUB: ResourceType = {
  token: "azure-native:iothub:IotHubResource",
  armType: "Microsoft.Devices/IotHubs",
  path: IOT_HUB_PATH,
  apiVersion: "2023-06-30",
  nameParameter: "resourceName",
  ...DEVICE_SERVICE,
  body: {
    ...deviceServiceBody(optional(text)),
    properties: optional(properties),
    sku: required(object({ capacity: optional(integer), name: required(text), tier: computed(text) })),
  },
};

/** A consumer group of a hub's built-in Event Hub endpoint. Azure returns other properties than it takes. */
export const CONSUMER_GROUP: ResourceType = {
  token: "azure-native:iothub:IotHubResourceEventHubConsumerGroup",
  armType: "Microsoft.Devices/IotHubs/EventHubEndpoints/ConsumerGroups",
  path: `${IOT_HUB_PATH}/eventHubEndpoints/{eventHubEndpointName}/ConsumerGroups/{name}`,
  apiVersion: "2023-06-30",
  nameParameter: "name",
  body: {
    etag: computed(text),
    properties: required(object({ name: required(text), created: computed(any) })),
  },
};
