import type { ServiceDefinition } from "../kernel/service";
import { authenticateCaller } from "./controlAuthentication";
import type { ControlDependencies } from "./controlDependencies";
import { badRequest, controlError } from "./controlErrors";
import { lifecycleOperations } from "./lifecycleOperations";
import { settingOperations } from "./settingOperations";
import { signInOperations } from "./signInOperations";

/** Makes the control listener: operations that Azure does not have, on a listener apart from Azure's API. */
export function controlService(deps: ControlDependencies): ServiceDefinition {
  return {
    name: "control",
    operations: [...lifecycleOperations(deps), ...settingOperations(deps), ...signInOperations(deps)],
    headers: () => ({ "cache-control": "no-store", "x-content-type-options": "nosniff" }),
    before(request, operation) {
      authenticateCaller(request, operation, deps);
      return undefined;
    },
    notFound: (request) =>
      controlError(404, "NotFound", `The control listener has no ${request.method} ${request.path}.`),
    badBody: () => badRequest("The request is not JSON."),
    badPath: () => badRequest("The path is not percent-encoded as it should be."),
    internal: () => controlError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
