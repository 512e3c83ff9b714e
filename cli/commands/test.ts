import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import { run } from "../runProgram";
import { check, commandFile } from "./check";
import { setup } from "./setup";

/** Settings that the two test levels share; .mocharc.json has them too, for a developer's plain `npx mocha`. */
export const COMMON = [
  "--no-config",
  "--require",
  "ts-node/register",
  "--extension",
  "ts",
  "--forbid-only",
  "--forbid-pending",
];

/**
 * Hundreds of unit tests are a dot each. End-to-end tests start processes and Pulumi and take minutes: two files run at a
 * time, because a `pulumi up` keeps little more than one core busy. Their time-out is for a slow machine and not a measure.
 */
const LEVELS = [
  ["--reporter", "dot", "--timeout", "10000", "tests/unit/**/*.test.ts"],
  [
    ...["--parallel", "--jobs", "2", "--reporter", "tests/cast/levelReporter.cjs"],
    ...["--timeout", "300000", "tests/e2e/**/*.test.ts"],
  ],
] as const;

/**
 * `npm test`: all set-up, then the checks, the unit tests and the end-to-end tests. Every part is run even when one
 * failed; the first failing code is answered. A shell that points at the local Azure does not lead the tests astray.
 */
export async function test(paths: Paths): Promise<number> {
  let failed = await setup(paths);
  failed ||= await check(paths);
  const mocha = commandFile(paths.root, "mocha", "mocha");
  for (const level of LEVELS) {
    const code = await run(process.execPath, [mocha, ...COMMON, ...level], {
      cwd: paths.root,
      env: outward(process.env),
    });
    failed ||= code;
  }
  return failed;
}
