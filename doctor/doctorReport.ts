/** The doctor's report: for people, and for machines. */

import type { Level } from "./doctorResult";
import { type Section, worst } from "./examine";

const MARKS: Readonly<Record<Level, string>> = { ok: "ok   ", warn: "warn ", fail: "FAIL " };

/** Text: a line for each result, and the remedy below a warning or failure. */
export function textReport(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ check, findings }) => [
    check,
    ...findings.flatMap(({ level, message, remedy }) => [
      `  ${MARKS[level]} ${message}`,
      ...(remedy === undefined ? [] : [`        To fix: ${remedy}`]),
    ]),
  ]);
  const count = (level: Level): number =>
    sections.flatMap(({ findings }) => findings).filter((finding) => finding.level === level).length;
  const [failures, warnings] = [count("fail"), count("warn")];
  const plural = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const end =
    failures + warnings === 0
      ? "No problems found."
      : `${plural(failures, "failure")}, ${plural(warnings, "warning")}.`;
  return `${lines.join("\n")}\n\n${end}\n`;
}

/** JSON: `{"result": "ok"|"warn"|"fail", "checks": [{check, findings: [{level, message, remedy?}]}]}`. */
export const jsonReport = (sections: readonly Section[]): string =>
  `${JSON.stringify({ result: worst(sections), checks: sections }, undefined, 2)}\n`;
