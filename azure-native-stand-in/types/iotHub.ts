import { count, flag, gives, hidden, ids, list, map, may, must, object, text } from "../shapes";
import { ACCESS_POLICY, PRIVATE_ENDPOINT_CONNECTION } from "./deviceService";
import { hubRouting, managedIdentity } from "./hubRouting";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

const queue = { lockDurationAsIso8601: may(text), maxDeliveryCount: may(count), ttlAsIso8601: may(text) };

const properties = object({
  allowedFqdnList: may(list(text)),
  authorizationPolicies: may(list(object(ACCESS_POLICY))),
  cloudToDevice: may(
    object({ defaultTtlAsIso8601: may(text), feedback: may(object(queue)), maxDeliveryCount: may(count) }),
  ),
  comments: may(text),
  disableDeviceSAS: may(flag),
  disableLocalAuth: may(flag),
  disableModuleSAS: may(flag),
  enableDataResidency: may(flag),
  enableFileUploadNotifications: may(flag),
  eventHubEndpoints: may(
    map(
      object({
        endpoint: gives(text),
        partitionCount: may(count),
        partitionIds: gives(list(text)),
        path: gives(text),
        retentionTimeInDays: may(count),
      }),
    ),
  ),
  features: may(text),
  hostName: gives(text),
  ipFilterRules: may(list(object({ action: must(text), filterName: must(text), ipMask: must(text) }))),
  locations: gives(list(object({ location: gives(text), role: gives(text) }))),
  messagingEndpoints: may(map(object(queue))),
  minTlsVersion: may(text),
  networkRuleSets: may(
    object({
      applyToBuiltInEventHubEndpoint: must(flag),
      defaultAction: may(text),
      ipRules: must(list(object({ action: may(text), filterName: must(text), ipMask: must(text) }))),
    }),
  ),
  privateEndpointConnections: may(list(object(PRIVATE_ENDPOINT_CONNECTION))),
  provisioningState: gives(text),
  publicNetworkAccess: may(text),
  restrictOutboundNetworkAccess: may(flag),
  routing: may(hubRouting),
  state: gives(text),
  storageEndpoints: may(
    map(
      object({
        authenticationType: may(text),
        connectionString: hidden(must(text)),
        containerName: must(text),
        identity: may(managedIdentity),
        sasTtlAsIso8601: may(text),
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
  autoName: "random",
  location: "resourceGroup",
  deleteIsPolled: true,
  body: {
    etag: gives(text),
    identity: may(
      object({ principalId: gives(text), tenantId: gives(text), type: may(text), userAssignedIdentities: may(ids) }),
    ),
    location: may(text),
    properties: may(properties),
    sku: must(object({ capacity: may(count), name: must(text), tier: gives(text) })),
    systemData: gives(object(SYSTEM_DATA)),
    tags: may(map(text)),
  },
};
