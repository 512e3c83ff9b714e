import { flag, gives, may, object, text } from "../shapes";
import { PROVISIONING_SERVICE_PATH } from "./provisioningService";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/**
 * A CA certificate of a provisioning service. As the genuine plugin, this one sends no `If-Match`: a service that insists on
 * one answers 412, so a certificate changes by replacement under another name.
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
  body: {
    etag: gives(text),
    properties: may(
      object({
        certificate: may(text),
        created: gives(text),
        expiry: gives(text),
        isVerified: may(flag),
        subject: gives(text),
        thumbprint: gives(text),
        updated: gives(text),
      }),
    ),
    systemData: gives(object(SYSTEM_DATA)),
  },
};
