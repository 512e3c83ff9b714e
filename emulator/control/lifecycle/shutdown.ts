import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";

/** Ends the process. */
export const shutdown = (deps: ControlDependencies): Operation => ({
  name: "Shutdown",
  method: "POST",
  path: "/shutdown",
  handle() {
    deps.shutdown();
    return { status: 202 };
  },
});
