import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { providerBody } from "./resourceProvider";

/** Registers a resource provider: all of them are registered already. */
export const registerResourceProvider = (deps: ArmDependencies): Operation => ({
  name: "Providers_Register",
  method: "POST",
  path: `${SUBSCRIPTION_PATH}/providers/:namespace/register`,
  handle: (request) => ({ status: 200, body: providerBody(request.params.namespace ?? "", deps) }),
});
