import type { Answer, Call, Operation } from "../../kernel/call";
import { Throttle } from "../../kernel/throttle";
import { refuseOneMore } from "../limits";
import { deviceRegistration } from "../registrations";
import { assign } from "./assign";
import { type Attested, attest } from "./attest";
import { challengeTpm } from "./attestByTpm";
import { choose } from "./choose";
import type { CustomAllocation } from "./customAllocation";
import { type Applicant, carriesTpm, checkBody, type DeviceParts, identify, locate, type Proof } from "./identify";
import { refuseThrottled } from "./throttle";

const PATH = "/:idScope/registrations/:id";

/** How long an assignment takes when real delays are on. */
const REAL_DELAY_MS = 2000;

/** Seconds, as the document shows it; none by default, so that nobody waits for what is done. */
const retryAfter = ({ switches }: DeviceParts): string => (switches.realDelays ? "3" : "0");

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

/** What a register call answers, and the operation that still waits for a webhook, if it does. */
interface Begun {
  readonly answer: Answer;
  readonly begun?: { readonly operationId: string; readonly attested: Attested };
}

/** `PUT /{idScope}/registrations/{id}/register` */
export const register = (parts: DeviceParts, custom: CustomAllocation): Operation => {
  // 1,000 registrations a minute and service (Azure documentation, "DPS quotas and limits").
  const throttle = new Throttle(parts.clock, 1000, 60_000);
  return {
    name: "RuntimeRegistration_RegisterDevice",
    method: "PUT",
    path: `${PATH}/register`,
    async handle(call) {
      if (call.headers.authorization === undefined && carriesTpm(call)) {
        const located = locate(call, parts);
        refuseThrottled(throttle, located.service.key, parts);
        checkBody(call, located.registrationId, parts);
        throw challengeTpm(call, located, parts);
      }
      const applicant = identify(call, parts);
      refuseThrottled(throttle, applicant.service.key, parts);
      const payload = checkBody(call, applicant.registrationId, parts);
      const { service, registrationId, proof } = applicant;
      const { answer, begun } = await parts.store.together<Begun>(() => {
        const attested = attest(applicant, parts);
        if (attested.enrollment.settings.provisioningStatus === "disabled") {
          const state = { registrationId, status: "disabled" } as const;
          const operationId = parts.operations.begin(service.key, beganBy(proof), state, 0);
          return { answer: { status: 200, body: { operationId, status: state.status, registrationState: state } } };
        }
        const known = parts.registrations.find(service.key, registrationId);
        if (!known) {
          refuseOneMore(
            parts.limits.registrations,
            "registrations",
            () => parts.registrations.count(service.key),
            parts,
          );
        }
        const choice = choose(attested, known, parts);
        if (choice === "custom") {
          const operationId = parts.operations.await(service.key, beganBy(proof), registrationId, payload);
          return { answer: accepted(call, applicant, operationId, parts), begun: { operationId, attested } };
        }
        const state = deviceRegistration(assign(attested, choice, parts));
        const delayMs = parts.switches.realDelays ? REAL_DELAY_MS : 0;
        const operationId = parts.operations.begin(service.key, beganBy(proof), state, delayMs);
        return { answer: accepted(call, applicant, operationId, parts) };
      });
      if (begun) custom.start(begun.operationId, begun.attested, payload);
      return answer;
    },
  };
};

/** `GET /{idScope}/registrations/{id}/operations/{operationId}` */
export const operationStatus = (parts: DeviceParts, custom: CustomAllocation): Operation => {
  // 5 polls in 10 seconds and device.
  const throttle = new Throttle(parts.clock, 5, 10_000);
  return {
    name: "RuntimeRegistration_OperationStatusLookup",
    method: "GET",
    path: `${PATH}/operations/:operationId`,
    handle(call) {
      const applicant = identify(call, parts);
      const { service, registrationId, proof } = applicant;
      refuseThrottled(throttle, `${service.key}/${registrationId.toLowerCase()}`, parts);
      if (proof.by === "key") attest(applicant, parts);
      const operationId = call.params.operationId ?? "";
      const operation = parts.operations.find(service.key, registrationId, operationId);
      if (!operation) throw parts.fail("registrationNotFound", "Operation not found.");
      if (operation.beganBy !== beganBy(proof)) {
        throw parts.fail("unauthorized", "Unauthorized", {
          reason: "another certificate or key than this one began the operation",
        });
      }
      // A process that ended while it waited asks the webhook again.
      if (operation.awaits) custom.start(operationId, attest(applicant, parts), operation.awaits.payload);
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
    return { status: 200, body: deviceRegistration(registration) };
  },
});
