/**
 * Registrations as they are on the wire of the DPS device and service APIs.
 * Source: Azure REST API "Device Provisioning Service – Runtime Registration", 2021-06-01.
 */

export type RegistrationStatus = "unassigned" | "assigning" | "assigned" | "failed" | "disabled";

export type RegistrationSubstatus =
  | "initialAssignment"
  | "deviceDataMigrated"
  | "deviceDataReset"
  | "reprovisionedToInitialAssignment";

export interface RegistrationState {
  readonly registrationId: string;
  readonly status: RegistrationStatus;
  readonly substatus?: RegistrationSubstatus;
  /** Host name of the hub. */
  readonly assignedHub?: string;
  readonly deviceId?: string;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  /** ISO 8601 with seven fraction digits. */
  readonly createdDateTimeUtc?: string;
  readonly lastUpdatedDateTimeUtc?: string;
  readonly etag?: string;
  /** From a custom allocation webhook, for the device: any JSON. */
  readonly payload?: unknown;
  /** One of the three, by how the device showed itself; with the group's ID where it came through a group. */
  readonly x509?: { readonly enrollmentGroupId?: string };
  readonly symmetricKey?: { readonly enrollmentGroupId?: string };
  /** Only the device gets the key, encrypted to its TPM: base64. */
  readonly tpm?: { readonly authenticationKey?: string };
}

/** The response to a registration and to polling its operation. */
export interface RegistrationOperation {
  readonly operationId: string;
  readonly status: RegistrationStatus;
  readonly registrationState?: RegistrationState;
}

/** The error body of both DPS APIs. */
export interface DpsErrorBody {
  /** Six digits: the HTTP status and a number, for example 401002. */
  readonly errorCode: number;
  readonly trackingId: string;
  readonly message: string;
  readonly timestampUtc: string;
  readonly info?: Readonly<Record<string, string>>;
}
