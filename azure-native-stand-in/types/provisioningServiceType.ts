import { computed, flag, integer, list, listBy, object, optional, required, text } from "../propertyShape";
import { ACCESS_POLICY, DEVICE_SERVICE, deviceServiceBody, PRIVATE_ENDPOINT_CONNECTION } from "./deviceServiceShapes";
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
  ...DEVICE_SERVICE,
  body: {
    ...deviceServiceBody(required(text)),
    properties: required(properties),
    resourcegroup: optional(text),
    sku: required(object({ capacity: optional(integer), name: optional(text), tier: computed(text) })),
    subscriptionid: optional(text),
  },
};

/**
 * A CA certificate of a provisioning service. As the genuine plugin, the stand-in sends no `If-Match`: a service that insists on
 * one returns 412, so a certificate changes by replacement under another name.
 */
export const DPS_CERTIFICATE: ResourceType = {
  token: "azure-native:deviceprovisioningservices:DpsCertificate",
  armType: "Microsoft.Devices/provisioningServices/certificates",
  path: `${PROVISIONING_SERVICE_PATH}/certificates/{certificateName}`,
  apiVersion: "2023-03-01-preview",
  nameParameter: "certificateName",
  parameterLimits: { certificateName: { maxLength: 256 } },
  body: {
    etag: computed(text),
    properties: optional(
      object({
        certificate: optional(text),
        created: computed(text),
        expiry: computed(text),
        isVerified: optional(flag),
        subject: computed(text),
        thumbprint: computed(text),
        updated: computed(text),
      }),
    ),
    systemData: computed(object(SYSTEM_DATA)),
  },
};
