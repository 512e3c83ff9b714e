import type { Operation, Request, Response } from "../../kernel/operation";
import { Throttle } from "../../kernel/throttle";
import { assignDevice } from "../allocation/assignDevice";
import { chooseHub } from "../allocation/chooseHub";
import type { CustomAllocation } from "../allocation/customAllocation";
import { type Attested, attest } from "../attestation/attest";
import { challengeTpm } from "../attestation/attestByTpm";
import { type Applicant, beganBy, identifyDevice, locate } from "../attestation/identifyDevice";
import type { DpsDependencies } from "../dpsDependencies";
import { checkQuota } from "../dpsLimits";
import { checkThrottle } from "../dpsThrottle";
import { carriesTpmKeys, readDeviceBody } from "./deviceRequestBody";
import { retryAfter } from "./operationStore";
import { deviceRegistration } from "./registrationBody";

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

/** `PUT /{idScope}/registrations/{id}/register` */
export const registerDevice = (deps: DpsDependencies, custom: CustomAllocation): Operation => {
  // 1,000 registrations per minute and service (Azure documentation, "DPS quotas and limits").
  const throttle = new Throttle(deps.clock, 1000, 60_000);
  return {
    name: "RuntimeRegistration_RegisterDevice",
    method: "PUT",
    path: "/:idScope/registrations/:id/register",
    async handle(request) {
      if (request.headers.authorization === undefined && carriesTpmKeys(request)) {
        const located = locate(request, deps);
        checkThrottle(throttle, located.service.key, deps);
        readDeviceBody(request, located.registrationId, deps);
        throw challengeTpm(request, located, deps);
      }
      const applicant = identifyDevice(request, deps);
      checkThrottle(throttle, applicant.service.key, deps);
      const payload = readDeviceBody(request, applicant.registrationId, deps);
      const { service, registrationId, proof } = applicant;
      const { response, waiting } = await deps.database.groupCommit<Registering>(() => {
        const attested = attest(applicant, deps);
        if (attested.enrollment.settings.provisioningStatus === "disabled") {
          const state = { registrationId, status: "disabled" } as const;
          const operationId = deps.operations.begin(service.key, beganBy(proof), state, 0);
          return { response: { status: 200, body: { operationId, status: state.status, registrationState: state } } };
        }
        const known = deps.registrations.find(service.key, registrationId);
        if (!known) {
          checkQuota(deps.limits.registrations, "registrations", () => deps.registrations.count(service.key), deps);
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
    },
  };
};
