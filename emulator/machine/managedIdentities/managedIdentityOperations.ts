import type { Operation } from "../../kernel/operation";
import type { MachineDependencies } from "../machineDependencies";
import { getAppServiceToken } from "./getAppServiceToken";
import { getImdsToken } from "./getImdsToken";

/** Managed identity of App Service and of virtual machines. */
export const managedIdentityOperations = (deps: MachineDependencies): Operation[] =>
  [getAppServiceToken, getImdsToken].map((operation) => operation(deps));
