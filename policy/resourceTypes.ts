/** The types of resources that rules speak of. */

export const RESOURCE_GROUP = "azure-native:resources:ResourceGroup";
export const HUB = "azure-native:iothub:IotHubResource";
export const PROVISIONING_SERVICE = "azure-native:deviceprovisioningservices:IotDpsResource";
export const VAULT = "azure-native:keyvault:Vault";
/** Azure-native's own certificate of a provisioning service, which proves nothing. */
export const DPS_CERTIFICATE = "azure-native:deviceprovisioningservices:DpsCertificate";

const own = (name: string): string => `pulumi-nodejs:dynamic/iot:${name}`;
export const VERIFIED_CERTIFICATE = own("VerifiedCertificate");
export const CERTIFICATE_AUTHORITY = own("CertificateAuthority");
export const DEVICE_CERTIFICATE = own("DeviceCertificate");
export const ENROLLMENT_GROUP = own("EnrollmentGroup");
export const INDIVIDUAL_ENROLLMENT = own("IndividualEnrollment");
/** Many individual enrollments, each an input of its own: {@link LISTED} and its registration ID. */
export const ENROLLMENT_LIST = own("EnrollmentList");
/** What the name of a list's input begins with that is an enrollment. */
export const LISTED = "device:";

/** The devices to block; always deployed. */
export const REVOCATIONS = own("Revocations");

/** What Azure bills and shows under tags. */
export const TAGGED: readonly string[] = [RESOURCE_GROUP, HUB, PROVISIONING_SERVICE, VAULT];
