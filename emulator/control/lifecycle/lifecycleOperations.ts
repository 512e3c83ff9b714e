import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { getHealth } from "./getHealth";
import { reset } from "./reset";
import { shutdown } from "./shutdown";

/** Health, reset and end of the local Azure. */
export const lifecycleOperations = (deps: ControlDependencies): Operation[] =>
  [getHealth, reset, shutdown].map((operation) => operation(deps));
