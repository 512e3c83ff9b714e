import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { getResourceProvider, listResourceProviders } from "./getResourceProvider";
import { registerResourceProvider } from "./registerResourceProvider";

/** Resource providers (Azure REST API "Providers"). */
export const resourceProviderOperations = (deps: ArmDependencies): Operation[] =>
  [listResourceProviders, getResourceProvider, registerResourceProvider].map((operation) => operation(deps));
