import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { getLatencies, setLatencies } from "./setLatencies";

/** Latencies between devices and hubs, for geo-latency allocation. */
export const latencyOperations = (deps: ControlDependencies): Operation[] =>
  [getLatencies, setLatencies].map((operation) => operation(deps));
