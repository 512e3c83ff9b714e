/** The components: what `import … from "azure-iot-zero-touch"` has. `packages/azure-iot-zero-touch/api/` lists its declarations. */

export type {
  CustomAllocation,
  EnrollmentInputs,
  InitialTwin,
  ReprovisionPolicy,
  SymmetricKey,
} from "../providers/enrollmentInputs";
export type { ListedEnrollment } from "../providers/enrollmentListResource";
export type { CaCredentials, CaCredentialsArgs, CertificateAuthorityArgs, VaultKeys } from "./certificateAuthority";
export { CertificateAuthority } from "./certificateAuthority";
export type { DeviceCertificateArgs } from "./deviceCertificate";
export { DeviceCertificate } from "./deviceCertificate";
export type { ListedEnrollments } from "./enrollmentFile/readEnrollmentFile";
export { readEnrollmentFile } from "./enrollmentFile/readEnrollmentFile";
export type { EnrollmentGroupArgs } from "./enrollmentGroup";
export { EnrollmentGroup } from "./enrollmentGroup";
export type { CaReferences, EnrollmentListArgs, SymmetricKeyIds } from "./enrollmentList";
export { EnrollmentList } from "./enrollmentList";
export type { EnrollmentService } from "./enrollmentService";
export type { FleetJobArgs, FleetJobSummary } from "./fleetJob";
export { FleetJob } from "./fleetJob";
export { keepImportedProperties } from "./importedResources";
export type { IndividualEnrollmentArgs } from "./individualEnrollment";
export { IndividualEnrollment } from "./individualEnrollment";
export type { HubProperties, IotHubArgs } from "./iotHub";
export { IotHub } from "./iotHub";
export type { KeyVaultArgs, KeyVaultSummary } from "./keyVault";
export { KeyVault } from "./keyVault";
export type { LinkBy, LinkedHub, LinkIdentity } from "./linkedHub";
export type { OperatorContainersArgs } from "./operatorContainers";
export type { OperatorEndpointArgs, OperatorEndpointSummary } from "./operatorEndpoint";
export { OperatorEndpoint } from "./operatorEndpoint";
export type { ProvisioningServiceArgs, ServiceProperties } from "./provisioningService";
export { ProvisioningService } from "./provisioningService";
export type { RevocationService, RevocationsArgs } from "./revocations";
export { Revocations } from "./revocations";
export type {
  DeviceIdentity,
  DeviceSummary,
  EnrollmentRevision,
  RegistrationService,
  SampleDeviceArgs,
} from "./sampleDevice";
export { SampleDevice } from "./sampleDevice";
export type { EventsHub, SendingDevice, TelemetryReceiptArgs } from "./telemetryReceipt";
export { TelemetryReceipt } from "./telemetryReceipt";
export type { TrustedRoots, TrustedRootsArgs } from "./trustedRoots";
export { createTrustedRoots } from "./trustedRoots";
export type { VaultReference, VaultUse } from "./vaultReference";
export type { CertificateService, VerifiedCertificateArgs } from "./verifiedCertificate";
export { VerifiedCertificate } from "./verifiedCertificate";
