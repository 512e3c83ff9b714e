import type { Certificate } from "../certificate";
import type { IssueOptions } from "../issue";
import { lintPlan } from "../lint";
import type { ProfileName } from "../profiles";
import type { Arguments } from "./arguments";
import type { Context } from "./context";
import type { Faults } from "./faults";

/** The lifetime and the clock that every issuing command has. */
export function issueOptions(args: Arguments, context: Context): IssueOptions {
  const lifetimeDays = args.number("days");
  return { clock: context.clock, ...(lifetimeDays === undefined ? {} : { lifetimeDays }) };
}

/** Notes what a plan has against the profile; warnings are no faults. */
export function notePlan(
  faults: Faults,
  commonName: string,
  profile: ProfileName,
  context: Context,
  issuer?: Certificate,
): void {
  const where = { at: context.clock.now(), ...(issuer === undefined ? {} : { issuer }) };
  for (const { severity, field, value, rule, remedy } of lintPlan({ commonName }, profile, where)) {
    if (severity === "error") faults.note(`${field} is '${value}': ${rule}; ${remedy}`);
  }
}
