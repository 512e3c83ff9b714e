import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { Throttle } from "../../kernel/throttle";
import { assignDevice, storeDisabled } from "../allocation/assignDevice";
import { chooseHub } from "../allocation/chooseHub";
import type { CustomAllocation } from "../allocation/customAllocation";
import { type Attested, attest } from "../attestation/attest";
import { challengeTpm } from "../attestation/attestByTpm";
import { type Applicant, beganBy, identifyDevice, locate } from "../attestation/identifyDevice";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError, unauthorized } from "../dpsErrors";
import { checkQuota, checkThrottle } from "../dpsLimits";
import { retryAfter } from "./operationStore";
import { carriesTpmKeys, deviceRegistration, readDeviceBody } from "./registrationBody";

/** Duration of an assignment with real delays on. */
const REAL_DELAY_MS = 2000;

const accepted = (request: Request, applicant: Applicant, operationId: string, deps: DpsDependencies): Response => ({
  status: 202,
  headers: {
    location: `https://${request.host}/${applicant.service.idScope}/registrations/${encodeURIComponent(applicant.registrationId)}/register`,
    "retry-after": retryAfter(deps),
  },
  body: { operationId, status: "assigning" },
});

interface Registering {
  readonly response: Response;
  /** Set if the operation waits for a webhook. */
  readonly waiting?: { readonly operationId: string; readonly attested: Attested };
}

/** The operations of the device API. */
export function runtimeRegistrationOperations(deps: DpsDependencies, custom: CustomAllocation): Operation[] {
  const { registrations, operations } = deps;
  // 1,000 registrations per minute and service (Azure documentation, "DPS quotas and limits").
  const registerThrottle = new Throttle(deps.clock, 1000, 60_000);
  // 5 polls per 10 seconds and device.
  const pollThrottle = new Throttle(deps.clock, 5, 10_000);

  const register = async (request: Request): Promise<Response> => {
    if (request.headers.authorization === undefined && carriesTpmKeys(request)) {
      const located = locate(request, deps.directory);
      checkThrottle(registerThrottle, located.service.key, deps);
      readDeviceBody(request, located.registrationId, deps);
      throw challengeTpm(request, located, deps);
    }
    const applicant = identifyDevice(request, deps);
    checkThrottle(registerThrottle, applicant.service.key, deps);
    const payload = readDeviceBody(request, applicant.registrationId, deps);
    const { service, registrationId, proof } = applicant;
    const { response, waiting } = await deps.database.groupCommit<Registering>(() => {
      const attested = attest(applicant, deps);
      const known = deps.registrations.find(service.key, registrationId);
      if (!known) {
        checkQuota(deps.limits.registrations, "registrations", () => deps.registrations.count(service.key), deps);
      }
      if (attested.enrollment.settings.provisioningStatus === "disabled") {
        storeDisabled(attested, deps);
        const state = { registrationId, status: "disabled" } as const;
        const operationId = deps.operations.begin(service.key, beganBy(proof), state, 0);
        return { response: ok({ operationId, status: state.status, registrationState: state }) };
      }
      const choice = chooseHub(attested, known, deps);
      if (choice === "custom") {
        const operationId = deps.operations.await(service.key, beganBy(proof), registrationId, payload);
        return { response: accepted(request, applicant, operationId, deps), waiting: { operationId, attested } };
      }
      const state = deviceRegistration(assignDevice(attested, choice, deps));
      const delayMs = deps.switches.realDelays ? REAL_DELAY_MS : 0;
      const operationId = deps.operations.begin(service.key, beganBy(proof), state, delayMs);
      return { response: accepted(request, applicant, operationId, deps) };
    });
    if (waiting) custom.start(waiting.operationId, waiting.attested, payload);
    return response;
  };

  const lookUpOperation = (request: Request): Response => {
    const applicant = identifyDevice(request, deps);
    const { service, registrationId, proof } = applicant;
    checkThrottle(pollThrottle, `${service.key}/${registrationId.toLowerCase()}`, deps);
    if (proof.by === "key") attest(applicant, deps);
    const operationId = request.params.operationId ?? "";
    const operation = operations.find(service.key, registrationId, operationId);
    if (!operation) throw dpsError("registrationNotFound", "Operation not found.");
    if (operation.beganBy !== beganBy(proof)) {
      throw unauthorized("another certificate or key started the operation");
    }
    // The process may have restarted since: call the webhook again.
    if (operation.awaits) custom.start(operationId, attest(applicant, deps), operation.awaits.payload);
    const { state } = operation;
    if (operation.isReady) {
      return ok({ operationId, status: state.status, registrationState: state });
    }
    const registrationState = { registrationId: state.registrationId, status: "assigning" };
    return {
      status: 202,
      headers: { "retry-after": retryAfter(deps) },
      body: { operationId, status: "assigning", registrationState },
    };
  };

  /** Returns the outcome of the device's last registration. */
  const lookUpRegistration = (request: Request): Response => {
    const applicant = identifyDevice(request, deps);
    const { service, registrationId } = applicant;
    readDeviceBody(request, registrationId, deps);
    const { enrollment } = attest(applicant, deps);
    if (enrollment.settings.provisioningStatus === "disabled") {
      return ok({ registrationId, status: "disabled" });
    }
    const registration = registrations.find(service.key, registrationId);
    if (!registration) throw dpsError("registrationNotFound", "Registration not found.");
    return ok(deviceRegistration(registration));
  };

  const path = "/:idScope/registrations/:id";
  const poll = `${path}/operations/:operationId`;
  return [
    { name: "RuntimeRegistration_RegisterDevice", method: "PUT", path: `${path}/register`, handle: register },
    { name: "RuntimeRegistration_OperationStatusLookup", method: "GET", path: poll, handle: lookUpOperation },
    { name: "RuntimeRegistration_DeviceRegistrationStatusLookup", method: "POST", path, handle: lookUpRegistration },
  ];
}
