import { createHmac } from "node:crypto";
import type { SasToken } from "../../../azure/sas";
import { isSignedWithEither } from "../../kernel/authorizeCaller";
import { unixSeconds } from "../../kernel/clock";
import type { DpsDependencies } from "../dpsDependencies";
import { noEnrollment, unauthorized } from "../dpsErrors";
import type { Enrollment } from "../enrollments/enrollmentRecord";
import type { Applicant } from "./identifyDevice";

/** Both keys of one device. */
export interface DeviceKeys {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/**
 * The key of a group's device: HMAC-SHA256 of its registration ID, as the device writes it, with the group's key. Keys are
 * base64 (Azure documentation, "Symmetric key attestation – Group enrollments").
 */
export const deriveDeviceKey = (groupKey: string, registrationId: string): string =>
  createHmac("sha256", Buffer.from(groupKey, "base64")).update(registrationId).digest("base64");

/** Returns the device's keys of this enrollment if one of them signed the token. */
function signingKeys(id: string, { kind, attestation }: Enrollment, token: SasToken): DeviceKeys | undefined {
  if (attestation.by !== "symmetricKey") return undefined;
  const own = (key: string): string => (kind === "individual" ? key : deriveDeviceKey(key, id));
  const keys = { primaryKey: own(attestation.primaryKey), secondaryKey: own(attestation.secondaryKey) };
  return isSignedWithEither(token, keys.primaryKey, keys.secondaryKey) ? keys : undefined;
}

/** Returns the enrollments that may have signed: only the individual one if there is one, else all groups with keys. */
function candidatesOf({ service, registrationId }: Applicant, { enrollments }: DpsDependencies): readonly Enrollment[] {
  const individual = enrollments.find(service.key, "individual", registrationId);
  return individual ? [individual] : enrollments.groupsByKey(service.key);
}

/**
 * Returns the enrollment that signed a device's token, and the device's keys. A token names no group, so each group is
 * tried. Throws 401002, or 404201 if there is no candidate for a token that has not expired.
 */
export function attestByKey(
  applicant: Applicant,
  token: SasToken,
  deps: DpsDependencies,
): { readonly enrollment: Enrollment; readonly keys: DeviceKeys } {
  // First what no device could have sent: it tells nothing about enrollments.
  if (token.expiry <= unixSeconds(deps.clock)) throw unauthorized("the shared access signature expired");
  const candidates = candidatesOf(applicant, deps);
  if (candidates.length === 0) {
    throw noEnrollment("no enrollment is for this registration ID, and no group is attested by symmetric keys");
  }
  for (const enrollment of candidates) {
    const keys = signingKeys(applicant.registrationId, enrollment, token);
    if (keys) return { enrollment, keys };
  }
  throw unauthorized("no enrollment's symmetric key signed the shared access signature");
}
