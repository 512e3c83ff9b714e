import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";

/** Process ID and version. */
export const getHealth = (deps: ControlDependencies): Operation => ({
  name: "Health",
  method: "GET",
  path: "/health",
  handle: () => ({ status: 200, body: { status: "ok", pid: process.pid, version: deps.version } }),
});
