/** Looks at everything that a deployment needs, before anything is made. */

import { limits } from "./checks/limits";
import { names } from "./checks/names";
import { clock, network } from "./checks/network";
import { permissions } from "./checks/permissions";
import { providers } from "./checks/providers";
import { signIn } from "./checks/signIn";
import { stack } from "./checks/stack";
import { surroundings } from "./checks/surroundings";
import { tools } from "./checks/tools";
import { type Finding, fault, firstLine, type Level } from "./finding";
import type { Check, Scene } from "./scene";

/** Every check, in the order of the report. */
export const CHECKS: readonly Check[] = Object.freeze([
  tools,
  surroundings,
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
  readonly findings: readonly Finding[];
}

/** Runs all checks at once; one that fails by itself is a finding too. */
export function examine(scene: Scene, checks: readonly Check[] = CHECKS): Promise<readonly Section[]> {
  return Promise.all(
    checks.map(async ({ name, find }) => ({
      check: name,
      findings: await find(scene).catch((error: unknown): readonly Finding[] => [
        fault(`The check itself failed: ${firstLine(error)}`, "report this with the command that you ran"),
      ]),
    })),
  );
}

/** The worst level of all findings. */
export function worst(sections: readonly Section[]): Level {
  const levels = new Set(sections.flatMap(({ findings }) => findings.map(({ level }) => level)));
  return levels.has("fault") ? "fault" : levels.has("warn") ? "warn" : "ok";
}
