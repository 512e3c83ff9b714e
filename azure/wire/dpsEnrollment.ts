/**
 * Enrollments as they are on the wire of the DPS service API.
 * Source: Azure REST API "Device Provisioning Service – Enrollment Group, Individual Enrollment", 2021-10-01.
 */

import type { RegistrationState } from "./dpsRegistration";

export type ProvisioningStatus = "enabled" | "disabled";
export type AllocationPolicy = "hashed" | "geoLatency" | "static" | "custom";

/** What the service returns about a certificate; never the certificate itself. */
export interface CertificateInfo {
  readonly subjectName: string;
  /** SHA-1 of the DER, upper-case hexadecimal. */
  readonly sha1Thumbprint: string;
  /** SHA-256 of the DER, upper-case hexadecimal. */
  readonly sha256Thumbprint: string;
  readonly issuerName: string;
  /** ISO 8601. */
  readonly notBeforeUtc: string;
  readonly notAfterUtc: string;
  /** Upper-case hexadecimal. */
  readonly serialNumber: string;
  readonly version: number;
}

/** In a request `certificate` is PEM, base64 of PEM, or base64 of DER; a response has `info`. */
export interface CertificateWithInfo {
  readonly certificate?: string;
  readonly info?: CertificateInfo;
}

export interface PrimarySecondary<T> {
  readonly primary?: T;
  readonly secondary?: T;
}

/** Exactly one member is set. */
export interface X509Attestation {
  /** Individual enrollments only: the leaf itself. */
  readonly clientCertificates?: PrimarySecondary<CertificateWithInfo>;
  /** Groups only: root or intermediate. */
  readonly signingCertificates?: PrimarySecondary<CertificateWithInfo>;
  /** Names of certificates of the provisioning service. */
  readonly caReferences?: PrimarySecondary<string>;
}

export type AttestationType = "none" | "tpm" | "x509" | "symmetricKey";

export interface AttestationMechanism {
  readonly type: AttestationType;
  readonly x509?: X509Attestation;
  /** Base64, 16 to 64 bytes decoded. */
  readonly symmetricKey?: { readonly primaryKey?: string; readonly secondaryKey?: string };
  readonly tpm?: { readonly endorsementKey: string; readonly storageRootKey?: string };
}

/** Default of both is true: re-evaluate the hub and move the device's data with it. */
export interface ReprovisionPolicy {
  readonly updateHubAssignment: boolean;
  readonly migrateDeviceData: boolean;
}

export interface InitialTwin {
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly properties?: { readonly desired?: Readonly<Record<string, unknown>> };
}

/** Required with the allocation policy `custom`. */
export interface CustomAllocationDefinition {
  /** `https://…`, mostly of an Azure function, its key in the query. */
  readonly webhookUrl: string;
  /** Of the allocation request, for example `2021-10-01`. */
  readonly apiVersion: string;
}

interface EnrollmentBase {
  readonly attestation: AttestationMechanism;
  readonly capabilities?: { readonly iotEdge: boolean };
  readonly iotHubHostName?: string;
  readonly initialTwin?: InitialTwin;
  /** With quotation marks inside, as the service writes it. */
  readonly etag?: string;
  /** Null counts as enabled. */
  readonly provisioningStatus?: ProvisioningStatus | null;
  readonly reprovisionPolicy?: ReprovisionPolicy;
  /** ISO 8601, set by the service. */
  readonly createdDateTimeUtc?: string;
  readonly lastUpdatedDateTimeUtc?: string;
  /** Absent: the service's own policy. */
  readonly allocationPolicy?: AllocationPolicy;
  /** Host names, a part of the linked hubs. Absent: all of them. */
  readonly iotHubs?: readonly string[];
  readonly customAllocationDefinition?: CustomAllocationDefinition;
}

export interface EnrollmentGroupBody extends EnrollmentBase {
  readonly enrollmentGroupId: string;
}

export interface IndividualEnrollmentBody extends EnrollmentBase {
  readonly registrationId: string;
  /** The device ID in the hub. Absent: the registration ID. */
  readonly deviceId?: string;
  readonly optionalDeviceInformation?: Readonly<Record<string, unknown>>;
  /** Set by the service. */
  readonly registrationState?: RegistrationState;
}

/** What a bulk operation does with its enrollments, up to ten: each succeeds or fails independently. */
export type BulkMode = "create" | "update" | "updateIfMatchETag" | "delete";

/** An enrollment in a bulk operation: whole, with its `etag` for updateIfMatchETag. */
export type BulkEnrollment = Pick<IndividualEnrollmentBody, "registrationId" | "attestation"> &
  Partial<IndividualEnrollmentBody>;
