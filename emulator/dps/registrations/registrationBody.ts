import { nameKey } from "../../../azure/names";
import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import { isObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError } from "../dpsErrors";
import { isAbsent, readBody } from "../requestJson";
import type { Registration } from "./registrationStore";

/** Returns a registration as the device API writes it: with how it attested, and for a TPM with the key to import. */
export function deviceRegistration(registration: Registration): RegistrationState {
  const { status, authenticationKey, groupId, attestedBy } = registration;
  const tpm = status === "assigned" && authenticationKey !== undefined && { tpm: { authenticationKey } };
  return { [attestedBy]: { enrollmentGroupId: groupId }, ...wireRegistration(registration), ...tpm };
}

/** Returns a registration as the service API writes it. One that failed or is disabled names no hub, even if the device is still in one. */
export function wireRegistration(registration: Registration): RegistrationState {
  const { errorCode, errorMessage, payload } = registration;
  const { hub, deviceId, substatus } =
    registration.status === "assigned" ? registration : ({} as Partial<Registration>);
  return {
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

interface DeviceRequest {
  readonly registrationId?: string;
  readonly csr?: string;
  readonly payload?: unknown;
}

/** Returns whether a request contains the keys of a TPM. */
export const carriesTpmKeys = ({ body }: Request): boolean => isObject(body) && !isAbsent(body.tpm);

/** Validates the body of a registration or status look-up. Returns the device's payload, or undefined. Throws 400004. */
export function readDeviceBody(request: Request, registrationId: string, deps: DpsDependencies): unknown {
  const { switches, limits } = deps;
  if (switches.throttling && request.raw.length > limits.messageBytes) {
    throw dpsError("argument", `the message has ${request.raw.length} bytes, more than ${limits.messageBytes}`);
  }
  const { registrationId: given, csr, payload } = readBody<DeviceRequest>(request.body, "dps.deviceRequest");
  if (request.overMqtt && carriesTpmKeys(request))
    throw dpsError("argument", "TPM attestation is available over HTTPS and AMQP, not over MQTT");
  // Stable API versions ignore this member.
  if (!isAbsent(csr) && /-preview$/i.test(request.query.get("api-version") ?? "")) {
    throw dpsError("notEmulated", "certificates by CSR are not emulated by the local Azure");
  }
  if (!isAbsent(given) && nameKey("registrationId", given) !== nameKey("registrationId", registrationId)) {
    throw dpsError("argument", "registrationId in the body is not that of the path");
  }
  return payload ?? undefined;
}
