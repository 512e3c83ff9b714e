/** What is common to the checks of a subscription. */

import { isObject } from "../../azure/wire/jsonObject";
import type { Arm, Check, DeploymentPlan, DoctorContext } from "../doctorContext";
import { type DoctorResult, fail, firstLine, warn } from "../doctorResult";

/** A check that needs ARM; without a sign-in or a subscription it says that it was left out. */
export function subscriptionCheck(
  name: string,
  find: (arm: Arm, plan: DeploymentPlan | undefined, context: DoctorContext) => Promise<readonly DoctorResult[]>,
): Check {
  return {
    name,
    async find(context) {
      const arm = await context.arm().catch(() => undefined);
      if (arm === undefined) return [warn("Not checked: no subscription to look at", "see Sign-in")];
      const stack = await context.stack();
      try {
        return await find(arm, "plan" in stack ? stack.plan : undefined, context);
      } catch (error) {
        return [fail(firstLine(error), "see Permissions; Azure's code is explained in docs/troubleshooting.md")];
      }
    },
  };
}

/** An object's member; undefined for anything else. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** The `value` of a list: its first page, which holds more than the limits that are looked at here. */
export async function listed(arm: Arm, path: string, apiVersion: string): Promise<readonly unknown[]> {
  const { body } = await arm.send("GET", path, apiVersion);
  const value = member(body, "value");
  return Array.isArray(value) ? value : [];
}

export const textOf = (value: unknown, name: string): string => {
  const found = member(value, name);
  return typeof found === "string" ? found : "";
};
