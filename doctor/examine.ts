/** Looks at everything that a deployment needs, before anything is made. */

import { environment } from "./checks/environmentCheck";
import { limits } from "./checks/limitsCheck";
import { names } from "./checks/namesCheck";
import { clock, network } from "./checks/networkCheck";
import { permissions } from "./checks/permissionsCheck";
import { providers } from "./checks/providersCheck";
import { signIn } from "./checks/signInCheck";
import { stack } from "./checks/stackCheck";
import { tools } from "./checks/toolsCheck";
import type { Check, DoctorContext } from "./doctorContext";
import { type DoctorResult, fail, firstLine, type Level } from "./doctorResult";

/** Every check, in the order of the report. */
export const CHECKS: readonly Check[] = Object.freeze([
  tools,
  environment,
  stack,
  network,
  clock,
  signIn,
  permissions,
  providers,
  names,
  limits,
]);

/** What one check found. */
export interface Section {
  readonly check: string;
  readonly findings: readonly DoctorResult[];
}

/** Runs all checks at once; a check that throws is a failure, too. */
export function examine(context: DoctorContext, checks: readonly Check[] = CHECKS): Promise<readonly Section[]> {
  return Promise.all(
    checks.map(async ({ name, find }) => ({
      check: name,
      findings: await find(context).catch((error: unknown): readonly DoctorResult[] => [
        fail(`The check itself failed: ${firstLine(error)}`, "report this with the command that you ran"),
      ]),
    })),
  );
}

/** The worst level of all findings. */
export function worst(sections: readonly Section[]): Level {
  const levels = new Set(sections.flatMap(({ findings }) => findings.map(({ level }) => level)));
  return levels.has("fail") ? "fail" : levels.has("warn") ? "warn" : "ok";
}
