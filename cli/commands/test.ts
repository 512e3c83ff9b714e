import { readdirSync } from "node:fs";
import { join } from "node:path";
import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import { run } from "../runProgram";
import { commandFile } from "./check";
import { setup } from "./setup";

/** Settings that all test levels share; .mocharc.json has them, too, for a developer's plain `npx mocha`. */
export const COMMON = [
  "--no-config",
  "--require",
  // The compiler is ts-node; the loader keeps its output for the next process.
  "./bootstrap/typescript.cjs",
  "--require",
  "./tests/cast/rsaPool.cjs",
  "--extension",
  "ts",
  "--forbid-only",
  "--forbid-pending",
];

/** End-to-end test files that take longest, longest first: started last, each would run alone at the end. */
const LONGEST = [
  "killed",
  "setup",
  "operatorStack",
  "stack",
  "stackEnrollments",
  "stackDevices",
  "pipelines",
  "stackKeyVault",
  "beforehand",
  "ownProgram",
  "azureNativeStandIn",
  "zeroTouchPlugin",
  "interruptedStart",
  "fleet",
  "standInOnLocalAzure",
  "secretsProvider",
  "material",
];

/** End-to-end test files in the order in which they start. */
export function endToEndFiles(root: string): string[] {
  const rank = (file: string): number => {
    const at = LONGEST.indexOf(file.replace(/\.test\.ts$/, ""));
    return at < 0 ? LONGEST.length : at;
  };
  return readdirSync(join(root, "tests", "e2e"))
    .filter((file) => file.endsWith(".test.ts"))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((file) => join("tests", "e2e", file));
}

/**
 * `npm test`: set-up, then the checks and all tests at the same time. Returns the first failing exit code; every part runs even
 * when one failed. End-to-end tests start processes and wait for them: three files run at a time, which keeps two cores busy also
 * after the checks and the unit tests, whose output is printed in one piece at their end. Time-outs are for a slow machine and not a measure.
 */
export async function test(paths: Paths): Promise<number> {
  const failed = await setup(paths);
  /** Prints the program's stdout and stderr at its end, in one piece. */
  const collected = async (title: string, args: readonly string[], env = process.env): Promise<number> => {
    const printed: string[] = [];
    const collect = (line: string): undefined => {
      printed.push(line);
    };
    const code = await run(process.execPath, args, { cwd: paths.root, env, stdout: collect, stderr: collect });
    process.stdout.write(`\n${title}\n${printed.join("\n")}\n`);
    return code;
  };
  const mocha = (...args: readonly string[]): string[] => [
    commandFile(paths.root, "mocha", "mocha"),
    ...COMMON,
    ...args,
  ];
  // A shell that points at the local Azure does not lead the tests astray.
  // The Pulumi CLI runs some 200 times: its garbage collector took a sixth of its processor time.
  const env = { GOGC: "400", ...outward(process.env) };
  // Pulumi's SDK as in a program, without a stack trace for each promise: a quarter of the components' tests.
  const lazy = ["--require", "./bootstrap/lazyModules.cjs"];
  const unit = mocha(...lazy, "--reporter", "dot", "--timeout", "60000", "tests/unit/**/*.test.ts");
  const parallel = ["--parallel", "--jobs", "3", "--reporter", "tests/cast/levelReporter.cjs", "--timeout", "300000"];
  const endToEnd = mocha(...parallel, ...endToEndFiles(paths.root));
  // The unit tests come first: one process, they would keep one core alone at the end.
  const later = { cwd: paths.root, env, niceness: 5 };
  const codes = await Promise.all([
    collected("Checks", [join(paths.root, "cli", "zero-touch.cjs"), "check"]),
    collected("Unit tests", unit, env),
    run(process.execPath, endToEnd, later),
  ]);
  return failed || codes.find((code) => code !== 0) || 0;
}
