import { computed, flag, object, optional, text } from "../propertyShape";
import { PROVISIONING_SERVICE_PATH } from "./provisioningServiceType";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

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
  autoName: "copy",
  location: "none",
  deleteIsPolled: false,
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
