import { ok } from "../finding";
import type { Check } from "../scene";

/** The stack's configuration has no fault. */
export const stack: Check = {
  name: "Stack",
  async find(scene) {
    const found = await scene.stack();
    if (!("plan" in found)) return found.findings;
    return [
      ok(`The configuration of stack "${found.name}" has no fault (cloud ${found.plan.cloud}, ${found.plan.location})`),
    ];
  },
};
