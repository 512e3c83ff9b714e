import type { Certificate } from "../../certs/certificate";
import type { IssueOptions } from "../../certs/issue";
import { lintPlan } from "../../certs/lint";
import type { ProfileName } from "../../certs/profiles";
import { type Arguments, shown } from "../commandLine";
import type { CertsContext } from "./certsContext";
import type { ValidationErrors } from "./validationErrors";

/** The lifetime and the clock that every issuing command has. */
export function issueOptions(args: Arguments, context: CertsContext): IssueOptions {
  const lifetimeDays = args.number("days");
  return { clock: context.clock, ...(lifetimeDays === undefined ? {} : { lifetimeDays }) };
}

/** In place of an unknown name; passes every rule, so that errors of the issuer are reported all the same. */
const NAMELESS = "-";

/** Notes what the common name of an option or operand, `field`, and its issuer have against the profile; warnings are no faults. */
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
