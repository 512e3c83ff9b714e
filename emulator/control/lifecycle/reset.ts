import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";

/** Empties the local Azure. */
export const reset = (deps: ControlDependencies): Operation => ({
  name: "Reset",
  method: "POST",
  path: "/reset",
  handle() {
    deps.reset();
    return { status: 204 };
  },
});
