import type { Operation } from "../../kernel/operation";
import { Throttle } from "../../kernel/throttle";
import type { CustomAllocation } from "../allocation/customAllocation";
import { attest } from "../attestation/attest";
import { beganBy, identifyDevice } from "../attestation/identifyDevice";
import type { DpsDependencies } from "../dpsDependencies";
import { checkThrottle } from "../dpsThrottle";
import { retryAfter } from "./operationStore";

/** `GET /{idScope}/registrations/{id}/operations/{operationId}` */
export const lookUpOperationStatus = (deps: DpsDependencies, custom: CustomAllocation): Operation => {
  // 5 polls per 10 seconds and device.
  const throttle = new Throttle(deps.clock, 5, 10_000);
  return {
    name: "RuntimeRegistration_OperationStatusLookup",
    method: "GET",
    path: "/:idScope/registrations/:id/operations/:operationId",
    handle(request) {
      const applicant = identifyDevice(request, deps);
      const { service, registrationId, proof } = applicant;
      checkThrottle(throttle, `${service.key}/${registrationId.toLowerCase()}`, deps);
      if (proof.by === "key") attest(applicant, deps);
      const operationId = request.params.operationId ?? "";
      const operation = deps.operations.find(service.key, registrationId, operationId);
      if (!operation) throw deps.fail("registrationNotFound", "Operation not found.");
      if (operation.beganBy !== beganBy(proof)) {
        throw deps.fail("unauthorized", "Unauthorized", {
          reason: "another certificate or key started the operation",
        });
      }
      // The process may have restarted since: call the webhook again.
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
