import type { ServiceDefinition } from "../kernel/service";
import { clockOperations } from "./clock/clockOperations";
import { authenticateCaller } from "./controlAuthentication";
import type { ControlDependencies } from "./controlDependencies";
import { badRequest, controlError } from "./controlErrors";
import { faultOperations } from "./faults/faultOperations";
import { latencyOperations } from "./latencies/latencyOperations";
import { lifecycleOperations } from "./lifecycle/lifecycleOperations";
import { settingOperations } from "./settings/settingOperations";
import { signInOperations } from "./signIn/signInOperations";
import { storageOperations } from "./storage/storageOperations";
import { telemetryOperations } from "./telemetry/telemetryOperations";

/** The control listener. */
export interface ControlService {
  readonly definition: ServiceDefinition;
}

/** Makes the control listener: operations that Azure does not have, on a listener apart from Azure's API. */
export function controlService(
  { switches, clock }: Pick<ControlDependencies, "switches" | "clock">,
  options: Omit<ControlDependencies, "switches" | "clock">,
): ControlService {
  const deps: ControlDependencies = { switches, clock, ...options };
  const definition: ServiceDefinition = {
    name: "control",
    operations: [
      ...lifecycleOperations(deps),
      ...telemetryOperations(deps),
      ...settingOperations(deps),
      ...faultOperations(deps),
      ...latencyOperations(deps),
      ...clockOperations(deps),
      ...signInOperations(deps),
      ...storageOperations(deps),
    ],
    headers: () => ({ "cache-control": "no-store", "x-content-type-options": "nosniff" }),
    before(request) {
      authenticateCaller(request, deps.token);
      return undefined;
    },
    notFound: (request) =>
      controlError(404, "NotFound", `The control listener has no ${request.method} ${request.path}.`),
    badBody: () => badRequest("The request is not JSON."),
    badPath: () => badRequest("The path is not percent-encoded as it should be."),
    internal: () => controlError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
  return { definition };
}
