import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { shiftClock } from "./shiftClock";

/** The clock of the local Azure. */
export const clockOperations = (deps: ControlDependencies): Operation[] =>
  [shiftClock].map((operation) => operation(deps));
