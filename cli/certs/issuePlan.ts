import type { Certificate } from "../../certs/certificate";
import type { IssueOptions } from "../../certs/issue";
import { lintPlan } from "../../certs/lint";
import type { ProfileName } from "../../certs/profiles";
import { type Arguments, shown } from "../commandLine";
import type { CertsContext } from "./certsContext";
import type { ValidationErrors } from "./validationErrors";

/** Lifetime and clock of an issuing command. */
export function issueOptions(args: Arguments, context: CertsContext): IssueOptions {
  const lifetimeDays = args.number("days");
  return { clock: context.clock, ...(lifetimeDays === undefined ? {} : { lifetimeDays }) };
}

/** Placeholder for an unknown name. It passes every rule, so that the issuer's errors are still reported. */
const NAMELESS = "-";

/** Adds the profile's errors about the common name of an option or operand, `field`, and about the issuer; no warnings. */
export function notePlan(
  errors: ValidationErrors,
  field: string,
  commonName: string | undefined,
  profile: ProfileName,
  context: CertsContext,
  issuer?: Certificate,
): void {
  const where = { at: context.clock.now(), ...(issuer === undefined ? {} : { issuer }) };
  for (const { severity, code, field: part, value, rule, remedy } of lintPlan(
    { commonName: commonName ?? NAMELESS },
    profile,
    where,
  )) {
    const isName = code === "commonName" || code === "registrationId";
    if (severity === "error") errors.add(`${isName ? field : part} is ${shown(value)}: ${rule}; ${remedy}`);
  }
}
