import type { Answer, Call, Operation } from "../../kernel/call";
import { wireRegistration } from "../registrations";
import { assign } from "./assign";
import { attest } from "./attest";
import { type Applicant, checkBody, type DeviceParts, identify, type Proof } from "./identify";
import { Throttle } from "./throttle";

const PATH = "/:idScope/registrations/:id";

/** How long an assignment takes when real delays are on. */
const REAL_DELAY_MS = 2000;

/** Seconds, as the document shows it; none by default, so that nobody waits for what is done. */
const retryAfter = ({ switches }: DeviceParts): string => (switches.realDelays ? "3" : "0");

function throttled(throttle: Throttle, key: string, { switches, fail }: DeviceParts): void {
  const wait = switches.throttling ? throttle.take(key) : 0;
  if (wait > 0) throw fail("throttled", "Too many requests.", { headers: { "retry-after": String(wait) } });
}

const accepted = (call: Call, applicant: Applicant, operationId: string, parts: DeviceParts): Answer => ({
  status: 202,
  headers: {
    location: `https://${call.host}/${applicant.service.idScope}/registrations/${encodeURIComponent(applicant.registrationId)}/register`,
    "retry-after": retryAfter(parts),
  },
  body: { operationId, status: "assigning" },
});

/** Who alone may ask for an operation's outcome. Every signature of a device's key is judged anew. */
const beganBy = (proof: Proof): string => (proof.by === "key" ? "key" : proof.leaf.sha256Thumbprint);

/** `PUT /{idScope}/registrations/{id}/register` */
export const register = (parts: DeviceParts): Operation => {
  // 1,000 registrations a minute and service (Azure documentation, "DPS quotas and limits").
  const throttle = new Throttle(parts.clock, 1000, 60_000);
  return {
    name: "RuntimeRegistration_RegisterDevice",
    method: "PUT",
    path: `${PATH}/register`,
    handle(call) {
      const applicant = identify(call, parts);
      throttled(throttle, applicant.service.key, parts);
      checkBody(call, applicant.registrationId, parts);
      const { service, proof } = applicant;
      return parts.store.together(() => {
        const attested = attest(applicant, parts);
        if (attested.enrollment.settings.provisioningStatus === "disabled") {
          const state = { registrationId: applicant.registrationId, status: "disabled" } as const;
          const operationId = parts.operations.begin(service.key, beganBy(proof), state, 0);
          return { status: 200, body: { operationId, status: state.status, registrationState: state } };
        }
        const state = wireRegistration(assign(attested, parts));
        const delayMs = parts.switches.realDelays ? REAL_DELAY_MS : 0;
        const operationId = parts.operations.begin(service.key, beganBy(proof), state, delayMs);
        return accepted(call, applicant, operationId, parts);
      });
    },
  };
};

/** `GET /{idScope}/registrations/{id}/operations/{operationId}` */
export const operationStatus = (parts: DeviceParts): Operation => {
  // 5 polls in 10 seconds and device.
  const throttle = new Throttle(parts.clock, 5, 10_000);
  return {
    name: "RuntimeRegistration_OperationStatusLookup",
    method: "GET",
    path: `${PATH}/operations/:operationId`,
    handle(call) {
      const applicant = identify(call, parts);
      const { service, registrationId, proof } = applicant;
      throttled(throttle, `${service.key}/${registrationId.toLowerCase()}`, parts);
      if (proof.by === "key") attest(applicant, parts);
      const operationId = call.params.operationId ?? "";
      const operation = parts.operations.find(service.key, registrationId, operationId);
      if (!operation) throw parts.fail("registrationNotFound", "Operation not found.");
      if (operation.beganBy !== beganBy(proof)) {
        throw parts.fail("unauthorized", "Unauthorized", {
          reason: "another certificate or key than this one began the operation",
        });
      }
      if (!operation.isReady) {
        const registrationState = { registrationId: operation.state.registrationId, status: "assigning" };
        return {
          status: 202,
          headers: { "retry-after": retryAfter(parts) },
          body: { operationId, status: "assigning", registrationState },
        };
      }
      const { state } = operation;
      return { status: 200, body: { operationId, status: state.status, registrationState: state } };
    },
  };
};

/** `POST /{idScope}/registrations/{id}`: what became of the device when it registered last. */
export const statusLookup = (parts: DeviceParts): Operation => ({
  name: "RuntimeRegistration_DeviceRegistrationStatusLookup",
  method: "POST",
  path: PATH,
  handle(call) {
    const applicant = identify(call, parts);
    const { service, registrationId } = applicant;
    checkBody(call, registrationId, parts);
    const { enrollment } = attest(applicant, parts);
    if (enrollment.settings.provisioningStatus === "disabled") {
      return { status: 200, body: { registrationId, status: "disabled" } };
    }
    const registration = parts.registrations.find(service.key, registrationId);
    if (!registration) throw parts.fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: wireRegistration(registration) };
  },
});
