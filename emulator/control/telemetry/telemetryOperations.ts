import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { listEvents } from "./listEvents";

/** The telemetry that hubs have received. */
export const telemetryOperations = (deps: ControlDependencies): Operation[] =>
  [listEvents].map((operation) => operation(deps));
