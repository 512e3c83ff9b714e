import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { listResources, listResourcesOfGroup } from "./listResources";

/** Resources of any type (Azure REST API "Resources"). */
export const resourceOperations = (deps: ArmDependencies): Operation[] =>
  [listResources, listResourcesOfGroup].map((operation) => operation(deps));
