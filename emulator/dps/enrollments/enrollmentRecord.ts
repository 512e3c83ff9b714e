import type {
  AllocationPolicy,
  CertificateInfo,
  CustomAllocationDefinition,
  InitialTwin,
  PrimarySecondary,
  ProvisioningStatus,
  ReprovisionPolicy,
} from "../../../azure/wire/dpsEnrollment";
import type { Certificate } from "../../../certs/certificate";

export type EnrollmentKind = "group" | "individual";

/** A certificate of an enrollment. Only its info is returned to clients. */
export interface StoredCertificate {
  readonly info: CertificateInfo;
  /** DER as base64. */
  readonly der: string;
}

/** How the devices of an enrollment attest. */
export type Attestation =
  | ({ readonly by: "clientCertificates" | "signingCertificates" } & PrimarySecondary<StoredCertificate>)
  | ({ readonly by: "caReferences" } & PrimarySecondary<string>)
  | SymmetricKeys
  | TpmKeys;

/** Two keys, base64 of 16 to 64 bytes, both valid, so that they can be rolled. */
export interface SymmetricKeys {
  readonly by: "symmetricKey";
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** The keys of a device's TPM: TPM2B_PUBLIC as base64. */
export interface TpmKeys {
  readonly by: "tpm";
  readonly endorsementKey: string;
  /** Absent: any key is accepted. */
  readonly storageRootKey?: string;
}

/** The settings of an enrollment, with defaults. */
export interface EnrollmentSettings {
  /** Individuals only; absent: the registration ID. */
  readonly deviceId?: string;
  /** Default false. */
  readonly iotEdge?: boolean;
  readonly iotHubHostName?: string;
  readonly initialTwin?: InitialTwin;
  /** Null counts as enabled, and stays null. */
  readonly provisioningStatus: ProvisioningStatus | null;
  /** Default of both members: true. */
  readonly reprovisionPolicy?: ReprovisionPolicy;
  readonly allocationPolicy?: AllocationPolicy;
  readonly iotHubs?: readonly string[];
  /** Only with the allocation policy custom. */
  readonly customAllocationDefinition?: CustomAllocationDefinition;
  readonly optionalDeviceInformation?: Readonly<Record<string, unknown>>;
}

/** The settings and the attestation of a create-or-update. */
export type EnrollmentDraft = Pick<Enrollment, "settings" | "attestation">;

/** An enrollment record. */
export interface Enrollment {
  readonly kind: EnrollmentKind;
  /** The registration ID or the group's ID, in the letter case it was created with. */
  readonly id: string;
  /** Base64 of a quoted string; a quoted string in older states. */
  readonly etag: string;
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
  readonly settings: EnrollmentSettings;
  readonly attestation: Attestation;
}

const withoutFraction = (at: Date): string => at.toISOString().replace(".000Z", "Z");

/** Returns the info that DPS gives about a certificate. */
export const certificateInfo = (certificate: Certificate): CertificateInfo => ({
  subjectName: certificate.subject,
  sha1Thumbprint: certificate.sha1Thumbprint,
  sha256Thumbprint: certificate.sha256Thumbprint,
  issuerName: certificate.issuer,
  notBeforeUtc: withoutFraction(certificate.notBefore),
  notAfterUtc: withoutFraction(certificate.notAfter),
  serialNumber: certificate.serialNumber,
  version: certificate.version,
});

const both = <T>({ primary, secondary }: PrimarySecondary<T>): readonly T[] =>
  [primary, secondary].filter((each) => each !== undefined);

/** The certificates of an attestation, primary first. */
export const certificatesOf = (attestation: Attestation): readonly StoredCertificate[] =>
  attestation.by === "clientCertificates" || attestation.by === "signingCertificates" ? both(attestation) : [];

/** The names of an attestation's CA references, primary first. */
export const referencesOf = (attestation: Attestation): readonly string[] =>
  attestation.by === "caReferences" ? both(attestation) : [];

/** How the two kinds of enrollment differ on the wire. */
export const KINDS = Object.freeze({
  group: {
    path: "/enrollmentGroups",
    /** Prefix of Azure's operation names. */
    operations: "EnrollmentGroup",
    /** Name of a list, in bulk operations and queries. */
    list: "enrollmentGroups",
    /** Name of an item, in queries. */
    item: "EnrollmentGroup",
    /** Member with the ID. */
    id: "enrollmentGroupId",
    /** Schemas of a record and of a bulk operation. */
    schema: "dps.enrollmentGroup",
    bulkSchema: "dps.bulkGroups",
  },
  individual: {
    path: "/enrollments",
    operations: "IndividualEnrollment",
    list: "enrollments",
    item: "Enrollment",
    id: "registrationId",
    schema: "dps.individualEnrollment",
    bulkSchema: "dps.bulkIndividuals",
  },
} as const);
