/** Resource types that the rules use. */

export const RESOURCE_GROUP = "azure-native:resources:ResourceGroup";
export const HUB = "azure-native:iothub:IotHubResource";
export const PROVISIONING_SERVICE = "azure-native:deviceprovisioningservices:IotDpsResource";
export const VAULT = "azure-native:keyvault:Vault";
export const ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment";
export const STORAGE_ACCOUNT = "azure-native:storage:StorageAccount";
export const IMMUTABILITY_POLICY = "azure-native:storage:BlobContainerImmutabilityPolicy";
export const CONTAINER_ENVIRONMENT = "azure-native:app:ManagedEnvironment";
export const CONTAINER_APP = "azure-native:app:ContainerApp";
export const CONTAINER_JOB = "azure-native:app:Job";
/** Azure-native's certificate of a provisioning service, without proof of possession. */
export const DPS_CERTIFICATE = "azure-native:deviceprovisioningservices:DpsCertificate";

const own = (name: string): string => `pulumi-nodejs:dynamic/iot:${name}`;
export const VERIFIED_CERTIFICATE = own("VerifiedCertificate");
export const CERTIFICATE_AUTHORITY = own("CertificateAuthority");
export const DEVICE_CERTIFICATE = own("DeviceCertificate");
export const ENROLLMENT_GROUP = own("EnrollmentGroup");
export const INDIVIDUAL_ENROLLMENT = own("IndividualEnrollment");
/** Many individual enrollments, one input each: {@link LISTED} and the registration ID. */
export const ENROLLMENT_LIST = own("EnrollmentList");
/** Prefix of a list's inputs that are enrollments. */
export const LISTED = "device:";

/** The devices to block; always deployed. */
export const REVOCATIONS = own("Revocations");

/** Billed resources, which need tags. */
export const TAGGED: readonly string[] = [
  RESOURCE_GROUP,
  HUB,
  PROVISIONING_SERVICE,
  VAULT,
  STORAGE_ACCOUNT,
  CONTAINER_ENVIRONMENT,
  CONTAINER_APP,
  CONTAINER_JOB,
];
