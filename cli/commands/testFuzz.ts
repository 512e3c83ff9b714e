import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { run } from "../runProgram";
import { commandFile } from "./check";
import { COMMON } from "./test";

/**
 * `npm run test:fuzz [-- --seed N --requests N]`: mutated requests to the local Azure, and generated certificate chains. The
 * same seed sends the same requests. Minutes are for a slow machine and not a measure.
 */
export async function testFuzz(paths: Paths, args: Arguments): Promise<number> {
  const level = ["--reporter", "spec", "--timeout", "1800000", "tests/fuzz/**/*.test.ts"];
  return run(process.execPath, [commandFile(paths.root, "mocha", "mocha"), ...COMMON, ...level], {
    cwd: paths.root,
    env: { ...outward(process.env), FUZZ_SEED: args.text("seed"), FUZZ_REQUESTS: args.text("requests") },
  });
}
