import type { Level } from "../../doctor/doctorResult";
import { examine, type Section, worst } from "../../doctor/examine";
import { environmentChecks } from "../stack/environmentChecks";
import type { StackDependencies } from "../stack/stackDependencies";
import type { OperatorCommand } from "./operatorCommand";
import { switchParameter } from "./stackCommand";

const RESULTS: Readonly<Record<Level, "pass" | "warn" | "fail">> = { ok: "pass", warn: "warn", fail: "fail" };

/** A line for each result, and the remedy below. */
function textOf(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ check, findings }) => [
    check,
    ...findings.flatMap(({ level, message, remedy }) => [
      `  ${RESULTS[level]}  ${message}`,
      ...(remedy === undefined ? [] : [`        To fix: ${remedy}`]),
    ]),
  ]);
  return `${lines.join("\n")}\n\nResult: ${RESULTS[worst(sections)]}`;
}

/** Test-Environment: the health of the stack and of what it needs. */
export const testEnvironment = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Test-Environment",
  about:
    "Checks tools, network, sign-in, certificates, services, enrollments and vault: pass, warn or fail, with remedies.",
  parameters: [
    {
      name: "IncludeDrift",
      type: "Switch",
      about: "Compares Azure with the stack's state and program, too, by a refresh preview: some seconds.",
    },
  ],
  role: "operator",
  example: "Test-Environment -IncludeDrift",
  async run(parameters, context) {
    const isDriftIncluded = switchParameter(parameters, "IncludeDrift");
    const scene = { ...dependencies, now: context.clock.now(), signal: context.signal, isDriftIncluded };
    const [general, own] = await Promise.all([
      dependencies.doctor === undefined ? [] : examine(dependencies.doctor()),
      environmentChecks(scene),
    ]);
    const sections = [...general, ...own];
    const result = RESULTS[worst(sections)];
    const checks = sections.map(({ check, findings }) => ({
      check,
      findings: findings.map(({ level, message, remedy }) => ({ result: RESULTS[level], message, remedy })),
    }));
    return { value: { result, checks }, text: textOf(sections), exitCode: result === "fail" ? 1 : 0 };
  },
});
