import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import { run } from "../runProgram";
import { commandFile } from "./check";
import { COMMON } from "./test";

/**
 * `npm run test:clients`: Azure's own clients for Python and Node and the az command line, unmodified, against the local
 * Azure. It installs them into the user's cache folder the first time (some minutes; needs Python 3 with venv, and a
 * network), so that the checkout stays light. Minutes are for a slow machine and not a measure.
 */
export async function testClients(paths: Paths): Promise<number> {
  const level = ["--reporter", "spec", "--timeout", "600000", "tests/clients/**/*.test.ts"];
  return run(process.execPath, [commandFile(paths.root, "mocha", "mocha"), ...COMMON, ...level], {
    cwd: paths.root,
    env: outward(process.env),
  });
}
