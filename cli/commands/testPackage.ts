import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import { run } from "../runProgram";
import { commandFile } from "./check";
import { COMMON } from "./test";

/**
 * `npm run test:package`: the packed packages, installed from their tarballs with npm, pnpm and yarn into programs as users
 * have them. Needs a network; minutes are for a slow machine and not a measure.
 */
export async function testPackage(paths: Paths): Promise<number> {
  const level = ["--reporter", "spec", "--timeout", "900000", "tests/package/**/*.test.ts"];
  return run(process.execPath, [commandFile(paths.root, "mocha", "mocha"), ...COMMON, ...level], {
    cwd: paths.root,
    env: outward(process.env),
  });
}
