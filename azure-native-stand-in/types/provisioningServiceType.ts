import { computed, flag, ids, integer, list, listBy, map, object, optional, required, text } from "../propertyShape";
import { ACCESS_POLICY, PRIVATE_ENDPOINT_CONNECTION } from "./deviceServiceShapes";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

const linkedHub = object({
  allocationWeight: optional(integer),
  applyAllocationPolicy: optional(flag),
  connectionString: required(text),
  location: required(text),
  name: computed(text),
});

const ipFilterRule = object({
  action: required(text),
  filterName: required(text),
  ipMask: required(text),
  target: optional(text),
});

const privateEndpointConnection = object({ ...PRIVATE_ENDPOINT_CONNECTION, systemData: computed(object(SYSTEM_DATA)) });

const properties = object({
  allocationPolicy: optional(text),
  authorizationPolicies: optional(list(object(ACCESS_POLICY))),
  deviceProvisioningHostName: computed(text),
  enableDataResidency: optional(flag),
  idScope: computed(text),
  iotHubs: optional(list(linkedHub)),
  ipFilterRules: optional(listBy("filterName", ipFilterRule)),
  portalOperationsHostName: optional(text),
  privateEndpointConnections: optional(list(privateEndpointConnection)),
  provisioningState: optional(text),
  publicNetworkAccess: optional(text),
  serviceOperationsHostName: computed(text),
  state: optional(text),
});

/** The id of a provisioning service, with its parameters in braces. */
export const PROVISIONING_SERVICE_PATH =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Devices/provisioningServices/{provisioningServiceName}";

/** A Device Provisioning Service (`@pulumi/azure-native/deviceprovisioningservices`). */
export const PROVISIONING_SERVICE: ResourceType = {
  token: "azure-native:deviceprovisioningservices:IotDpsResource",
  armType: "Microsoft.Devices/provisioningServices",
  path: PROVISIONING_SERVICE_PATH,
  apiVersion: "2023-03-01-preview",
  nameParameter: "provisioningServiceName",
  autoName: "random",
  location: "resourceGroup",
  deleteIsPolled: true,
  body: {
    etag: computed(text),
    identity: optional(
      object({
        principalId: computed(text),
        tenantId: computed(text),
        type: required(text),
        userAssignedIdentities: optional(ids),
      }),
    ),
    location: optional(text),
    properties: required(properties),
    resourcegroup: optional(text),
    sku: required(object({ capacity: optional(integer), name: optional(text), tier: computed(text) })),
    subscriptionid: optional(text),
    systemData: computed(object(SYSTEM_DATA)),
    tags: optional(map(text)),
  },
};
