import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { run } from "../runProgram";
import { commandFile } from "./check";
import { COMMON } from "./test";

/**
 * `npm run test:kills [-- --seed N --kills N]`: `up` and `down` that are killed while they work, and what the next one makes of
 * it; a local Azure that is killed while clients write, and what it has after the restart. The same seed kills the same
 * processes at the same moments.
 */
export async function testKills(paths: Paths, args: Arguments): Promise<number> {
  const level = ["--reporter", "spec", "--timeout", "14400000", "tests/kills/**/*.test.ts"];
  return run(process.execPath, [commandFile(paths.root, "mocha", "mocha"), ...COMMON, ...level], {
    cwd: paths.root,
    env: { ...outward(process.env), KILLS_SEED: args.text("seed"), KILLS: args.text("kills") },
  });
}
