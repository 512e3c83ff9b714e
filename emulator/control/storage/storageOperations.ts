import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { getStorage, setStorage } from "./setStorage";

/** The address of Azurite, which serves the hosts of storage accounts. */
export const storageOperations = (deps: Pick<ControlDependencies, "storage">): Operation[] =>
  [getStorage, setStorage].map((operation) => operation(deps));
