import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import type { Registration } from "./registrationStore";

/** Returns a registration as the device API writes it: for a TPM, with the key to import. */
export function deviceRegistration(registration: Registration): RegistrationState {
  const { status, authenticationKey } = registration;
  const tpm = status === "assigned" && authenticationKey !== undefined && { tpm: { authenticationKey } };
  return { ...wireRegistration(registration), ...tpm };
}

/** Returns a registration as both APIs write it. A failed one names no hub, even if the device is still in one. */
export function wireRegistration(registration: Registration): RegistrationState {
  const { groupId, attestedBy, errorCode, errorMessage, payload } = registration;
  const { hub, deviceId, substatus } = registration.status === "failed" ? ({} as Partial<Registration>) : registration;
  return {
    [attestedBy]: { enrollmentGroupId: groupId },
    registrationId: registration.id,
    createdDateTimeUtc: registration.created,
    assignedHub: hub,
    deviceId,
    status: registration.status,
    substatus,
    errorCode,
    errorMessage,
    lastUpdatedDateTimeUtc: registration.updated,
    etag: registration.etag,
    payload,
  };
}
