import type { IssueOptions, Issuer } from "../../certs/issue";
import { lintPlan } from "../../certs/lint";
import type { ProfileName } from "../../certs/profiles";
import { shown } from "../commandLine";
import type { CertsRun } from "./certsCommand";

/** Lifetime and clock of an issuing command. */
export function issueOptions({ args, context }: CertsRun): IssueOptions {
  return { clock: context.clock, lifetimeDays: args.number("days") };
}

/** Placeholder for an unknown name. It passes every rule, so that the issuer's errors are still reported. */
const NAMELESS = "-";

/** Adds the profile's errors about the common name of an option or operand, `field`, and about the issuer; no warnings. */
export function notePlan(
  { context, errors }: CertsRun,
  field: string,
  commonName: string | undefined,
  profile: ProfileName,
  issuer?: Issuer,
): void {
  const where = { at: context.clock.now(), issuer: issuer?.certificate };
  const findings = lintPlan({ commonName: commonName ?? NAMELESS }, profile, where);
  for (const { severity, code, field: part, value, rule, remedy } of findings) {
    const isName = code === "commonName" || code === "registrationId";
    if (severity === "error") errors.add(`${isName ? field : part} is ${shown(value)}: ${rule}; ${remedy}`);
  }
}
