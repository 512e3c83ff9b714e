import type { Operation, Request, Response } from "../../kernel/operation";
import { Throttle } from "../../kernel/throttle";
import type { CustomAllocation } from "../allocation/customAllocation";
import { attest } from "../attestation/attest";
import { beganBy, identifyDevice } from "../attestation/identifyDevice";
import type { DpsDependencies } from "../dpsDependencies";
import { checkThrottle } from "../dpsThrottle";
import { readDeviceBody } from "./deviceRequestBody";
import { retryAfter } from "./operationStore";
import { registerDevice } from "./registerDevice";
import { deviceRegistration } from "./registrationBody";

/** The operations of the device API. */
export function runtimeRegistrationOperations(deps: DpsDependencies, custom: CustomAllocation): Operation[] {
  const { registrations, operations, fail } = deps;
  // 5 polls per 10 seconds and device.
  const throttle = new Throttle(deps.clock, 5, 10_000);

  const lookUpOperation = (request: Request): Response => {
    const applicant = identifyDevice(request, deps);
    const { service, registrationId, proof } = applicant;
    checkThrottle(throttle, `${service.key}/${registrationId.toLowerCase()}`, deps);
    if (proof.by === "key") attest(applicant, deps);
    const operationId = request.params.operationId ?? "";
    const operation = operations.find(service.key, registrationId, operationId);
    if (!operation) throw fail("registrationNotFound", "Operation not found.");
    if (operation.beganBy !== beganBy(proof)) {
      throw fail("unauthorized", "Unauthorized", { reason: "another certificate or key started the operation" });
    }
    // The process may have restarted since: call the webhook again.
    if (operation.awaits) custom.start(operationId, attest(applicant, deps), operation.awaits.payload);
    const { state } = operation;
    if (operation.isReady) {
      return { status: 200, body: { operationId, status: state.status, registrationState: state } };
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
      return { status: 200, body: { registrationId, status: "disabled" } };
    }
    const registration = registrations.find(service.key, registrationId);
    if (!registration) throw fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: deviceRegistration(registration) };
  };

  const path = "/:idScope/registrations/:id";
  const poll = `${path}/operations/:operationId`;
  return [
    registerDevice(deps, custom),
    { name: "RuntimeRegistration_OperationStatusLookup", method: "GET", path: poll, handle: lookUpOperation },
    { name: "RuntimeRegistration_DeviceRegistrationStatusLookup", method: "POST", path, handle: lookUpRegistration },
  ];
}
