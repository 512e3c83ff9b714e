import { count, flag, gives, hidden, ids, list, map, may, must, object, text } from "../shapes";
import { ACCESS_POLICY, PRIVATE_ENDPOINT_CONNECTION } from "./deviceService";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

const linkedHub = object({
  allocationWeight: may(count),
  applyAllocationPolicy: may(flag),
  connectionString: hidden(must(text)),
  location: must(text),
  name: gives(text),
});

const ipFilterRule = object({ action: must(text), filterName: must(text), ipMask: must(text), target: may(text) });

const privateEndpointConnection = object({ ...PRIVATE_ENDPOINT_CONNECTION, systemData: gives(object(SYSTEM_DATA)) });

const properties = object({
  allocationPolicy: may(text),
  authorizationPolicies: may(list(object(ACCESS_POLICY))),
  deviceProvisioningHostName: gives(text),
  enableDataResidency: may(flag),
  idScope: gives(text),
  iotHubs: may(list(linkedHub)),
  ipFilterRules: may(list(ipFilterRule)),
  portalOperationsHostName: may(text),
  privateEndpointConnections: may(list(privateEndpointConnection)),
  provisioningState: may(text),
  publicNetworkAccess: may(text),
  serviceOperationsHostName: gives(text),
  state: may(text),
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
    etag: gives(text),
    identity: may(
      object({
        principalId: gives(text),
        tenantId: gives(text),
        type: must(text),
        userAssignedIdentities: may(ids),
      }),
    ),
    location: may(text),
    properties: must(properties),
    resourcegroup: may(text),
    sku: must(object({ capacity: may(count), name: may(text), tier: gives(text) })),
    subscriptionid: may(text),
    systemData: gives(object(SYSTEM_DATA)),
    tags: may(map(text)),
  },
};
