import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { getFaults, setFaults } from "./setFaults";

/** Faults that are injected into the services. */
export const faultOperations = (deps: ControlDependencies): Operation[] =>
  [getFaults, setFaults].map((operation) => operation(deps));
