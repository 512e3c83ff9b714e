import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { PROVIDERS, providerBody } from "./resourceProvider";

/** All resource providers. */
export const listResourceProviders = (deps: ArmDependencies): Operation => ({
  name: "Providers_List",
  method: "GET",
  path: `${SUBSCRIPTION_PATH}/providers`,
  handle: () => ({ status: 200, body: { value: Object.keys(PROVIDERS).map((name) => providerBody(name, deps)) } }),
});

/** GET of a resource provider. */
export const getResourceProvider = (deps: ArmDependencies): Operation => ({
  name: "Providers_Get",
  method: "GET",
  path: `${SUBSCRIPTION_PATH}/providers/:namespace`,
  handle: (request) => ({ status: 200, body: providerBody(request.params.namespace ?? "", deps) }),
});
