import type { SasToken } from "../../../azure/sas";
import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import { isObject, textOrEmpty } from "../../../azure/wire/jsonObject";
import { isSignedWithEither } from "../../kernel/authorizeCaller";
import { unixSeconds } from "../../kernel/clock";
import type { ProvisioningServiceRecord } from "../../kernel/directory";
import type { Request, WireError } from "../../kernel/operation";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError, noEnrollment, unauthorized } from "../dpsErrors";
import type { Enrollment } from "../enrollments/enrollmentRecord";
import { activationBlob } from "../tpm/tpmActivation";
import { TpmFormatError } from "../tpm/tpmBytes";
import { readStorageKey, type StorageKey } from "../tpm/tpmStorageKey";
import type { Applicant } from "./identifyDevice";

/** An attested TPM, and its new key for the hub. */
export interface TpmAttested {
  readonly enrollment: Enrollment;
  readonly credential: DeviceAuthentication;
  /** Returns the `authenticationKey` that imports the hub's key into the TPM, base64. */
  readonly activate: () => string;
}

function readKey(given: string, name: string): StorageKey {
  try {
    return readStorageKey(Buffer.from(given, "base64"));
  } catch (error) {
    if (error instanceof TpmFormatError) throw dpsError("argument", `tpm.${name}: ${error.message}`);
    throw error;
  }
}

/** Compares the decoded bytes: base64 is not unique. */
const isSame = (a: string, b: string): boolean => Buffer.from(a, "base64").equals(Buffer.from(b, "base64"));

const read = (endorsementKey: string, storageRootKey: string) => ({
  endorsementKey: readKey(endorsementKey, "endorsementKey"),
  storageRootKey: readKey(storageRootKey, "storageRootKey"),
});

/**
 * Handles the first of a TPM's two requests, with the TPM's keys and without a signature. Returns 401 with
 * `authenticationKey`, a new key that only the enrollment's TPM can import to sign the second request. Other TPMs get 401002.
 * Sources: azure-iot-provisioning-device-http's `getAuthenticationChallenge`; the C# SDK's `TpmChallenge`.
 */
export function challengeTpm(
  request: Request,
  { service, registrationId }: { readonly service: ProvisioningServiceRecord; readonly registrationId: string },
  deps: DpsDependencies,
): WireError {
  const tpm = isObject(request.body) && isObject(request.body.tpm) ? request.body.tpm : {};
  const enrollment = deps.enrollments.find(service.key, "individual", registrationId);
  if (!enrollment) {
    return noEnrollment("a TPM needs an individual enrollment for its registration ID");
  }
  const { attestation } = enrollment;
  if (attestation.by !== "tpm") return unauthorized("the individual enrollment is not attested by a TPM");
  const storageRootKey = textOrEmpty(tpm.storageRootKey);
  const keys = read(textOrEmpty(tpm.endorsementKey), storageRootKey);
  const { endorsementKey } = attestation;
  if (!isSame(textOrEmpty(tpm.endorsementKey), endorsementKey))
    return unauthorized("the endorsement key is not the enrollment's");
  if (attestation.storageRootKey !== undefined && !isSame(storageRootKey, attestation.storageRootKey)) {
    return unauthorized("the storage root key is not the enrollment's");
  }
  const sessionKey = deps.ids.key();
  deps.challenges.save(service.key, registrationId, { sessionKey, endorsementKey, storageRootKey });
  const uri = `https://${request.host}/${service.idScope}/registrations/${registrationId}`;
  const authenticationKey = activationBlob(keys, Buffer.from(sessionKey, "base64"), uri).toString("base64");
  const more = { authenticationKey, keyName: "registration" };
  return unauthorized("the TPM has to sign with the key that it was sent", more);
}

/** Verifies the signature of a TPM's second request. Throws 401002. */
export function attestByTpm(
  { service, registrationId, overMqtt }: Applicant,
  enrollment: Enrollment,
  token: SasToken,
  deps: DpsDependencies,
): TpmAttested {
  if (overMqtt) throw unauthorized("TPM attestation is available over HTTPS and AMQP, not over MQTT");
  const challenge = deps.challenges.find(service.key, registrationId);
  const { attestation } = enrollment;
  if (!challenge || attestation.by !== "tpm" || challenge.endorsementKey !== attestation.endorsementKey) {
    throw unauthorized("the TPM was sent no key to sign with, or more than an hour ago");
  }
  if (!isSignedWithEither(token, challenge.sessionKey, ""))
    throw unauthorized("the TPM signed with another key than it was sent");
  if (token.expiry <= unixSeconds(deps.clock)) throw unauthorized("the shared access signature expired");
  const primaryKey = deps.ids.key();
  return {
    enrollment,
    credential: { type: "sas", symmetricKey: { primaryKey, secondaryKey: deps.ids.key() } },
    activate() {
      const keys = read(challenge.endorsementKey, challenge.storageRootKey);
      return activationBlob(keys, Buffer.from(primaryKey, "base64"), `https://${service.idScope}`).toString("base64");
    },
  };
}
