import type { Operation, Request, Response } from "../../kernel/operation";
import { Throttle } from "../../kernel/throttle";
import { assign } from "../allocation/assignDevice";
import { choose } from "../allocation/chooseHub";
import type { CustomAllocation } from "../allocation/customAllocation";
import { type Attested, attest } from "../attestation/attest";
import { challengeTpm } from "../attestation/attestByTpm";
import {
  type Applicant,
  carriesTpm,
  checkBody,
  type DeviceDependencies,
  identify,
  locate,
  type Proof,
} from "../attestation/identifyDevice";
import { refuseOneMore } from "../dpsLimits";
import { refuseThrottled } from "../dpsThrottle";
import { deviceRegistration } from "./registrationStore";

const PATH = "/:idScope/registrations/:id";

/** How long an assignment takes when real delays are on. */
const REAL_DELAY_MS = 2000;

/** Seconds, as the document shows it; none by default, so that nobody waits for what is done. */
const retryAfter = ({ switches }: DeviceDependencies): string => (switches.realDelays ? "3" : "0");

const accepted = (request: Request, applicant: Applicant, operationId: string, deps: DeviceDependencies): Response => ({
  status: 202,
  headers: {
    location: `https://${request.host}/${applicant.service.idScope}/registrations/${encodeURIComponent(applicant.registrationId)}/register`,
    "retry-after": retryAfter(deps),
  },
  body: { operationId, status: "assigning" },
});

/** Who alone may ask for an operation's outcome. Every signature of a device's key is judged anew. */
const beganBy = (proof: Proof): string => (proof.by === "key" ? "key" : proof.leaf.sha256Thumbprint);

/** What a register call answers, and the operation that still waits for a webhook, if it does. */
interface Begun {
  readonly response: Response;
  readonly begun?: { readonly operationId: string; readonly attested: Attested };
}

/** `PUT /{idScope}/registrations/{id}/register` */
export const register = (deps: DeviceDependencies, custom: CustomAllocation): Operation => {
  // 1,000 registrations a minute and service (Azure documentation, "DPS quotas and limits").
  const throttle = new Throttle(deps.clock, 1000, 60_000);
  return {
    name: "RuntimeRegistration_RegisterDevice",
    method: "PUT",
    path: `${PATH}/register`,
    async handle(request) {
      if (request.headers.authorization === undefined && carriesTpm(request)) {
        const located = locate(request, deps);
        refuseThrottled(throttle, located.service.key, deps);
        checkBody(request, located.registrationId, deps);
        throw challengeTpm(request, located, deps);
      }
      const applicant = identify(request, deps);
      refuseThrottled(throttle, applicant.service.key, deps);
      const payload = checkBody(request, applicant.registrationId, deps);
      const { service, registrationId, proof } = applicant;
      const { response, begun } = await deps.database.together<Begun>(() => {
        const attested = attest(applicant, deps);
        if (attested.enrollment.settings.provisioningStatus === "disabled") {
          const state = { registrationId, status: "disabled" } as const;
          const operationId = deps.operations.begin(service.key, beganBy(proof), state, 0);
          return { response: { status: 200, body: { operationId, status: state.status, registrationState: state } } };
        }
        const known = deps.registrations.find(service.key, registrationId);
        if (!known) {
          refuseOneMore(deps.limits.registrations, "registrations", () => deps.registrations.count(service.key), deps);
        }
        const choice = choose(attested, known, deps);
        if (choice === "custom") {
          const operationId = deps.operations.await(service.key, beganBy(proof), registrationId, payload);
          return { response: accepted(request, applicant, operationId, deps), begun: { operationId, attested } };
        }
        const state = deviceRegistration(assign(attested, choice, deps));
        const delayMs = deps.switches.realDelays ? REAL_DELAY_MS : 0;
        const operationId = deps.operations.begin(service.key, beganBy(proof), state, delayMs);
        return { response: accepted(request, applicant, operationId, deps) };
      });
      if (begun) custom.start(begun.operationId, begun.attested, payload);
      return response;
    },
  };
};

/** `GET /{idScope}/registrations/{id}/operations/{operationId}` */
export const operationStatus = (deps: DeviceDependencies, custom: CustomAllocation): Operation => {
  // 5 polls in 10 seconds and device.
  const throttle = new Throttle(deps.clock, 5, 10_000);
  return {
    name: "RuntimeRegistration_OperationStatusLookup",
    method: "GET",
    path: `${PATH}/operations/:operationId`,
    handle(request) {
      const applicant = identify(request, deps);
      const { service, registrationId, proof } = applicant;
      refuseThrottled(throttle, `${service.key}/${registrationId.toLowerCase()}`, deps);
      if (proof.by === "key") attest(applicant, deps);
      const operationId = request.params.operationId ?? "";
      const operation = deps.operations.find(service.key, registrationId, operationId);
      if (!operation) throw deps.fail("registrationNotFound", "Operation not found.");
      if (operation.beganBy !== beganBy(proof)) {
        throw deps.fail("unauthorized", "Unauthorized", {
          reason: "another certificate or key than this one began the operation",
        });
      }
      // A process that ended while it waited asks the webhook again.
      if (operation.awaits) custom.start(operationId, attest(applicant, deps), operation.awaits.payload);
      if (!operation.isReady) {
        const registrationState = { registrationId: operation.state.registrationId, status: "assigning" };
        return {
          status: 202,
          headers: { "retry-after": retryAfter(deps) },
          body: { operationId, status: "assigning", registrationState },
        };
      }
      const { state } = operation;
      return { status: 200, body: { operationId, status: state.status, registrationState: state } };
    },
  };
};

/** `POST /{idScope}/registrations/{id}`: what became of the device when it registered last. */
export const statusLookup = (deps: DeviceDependencies): Operation => ({
  name: "RuntimeRegistration_DeviceRegistrationStatusLookup",
  method: "POST",
  path: PATH,
  handle(request) {
    const applicant = identify(request, deps);
    const { service, registrationId } = applicant;
    checkBody(request, registrationId, deps);
    const { enrollment } = attest(applicant, deps);
    if (enrollment.settings.provisioningStatus === "disabled") {
      return { status: 200, body: { registrationId, status: "disabled" } };
    }
    const registration = deps.registrations.find(service.key, registrationId);
    if (!registration) throw deps.fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: deviceRegistration(registration) };
  },
});
