import type { Check } from "../doctorContext";
import { ok } from "../doctorResult";

/** The stack's configuration has no errors. */
export const stack: Check = {
  name: "Stack",
  async find(context) {
    const found = await context.stack();
    if (!("plan" in found)) return found.findings;
    return [
      ok(
        `The configuration of stack "${found.name}" has no errors (cloud ${found.plan.cloud}, ${found.plan.location})`,
      ),
    ];
  },
};
