import { join } from "node:path";
import { outward } from "../../bootstrap/install.cjs";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { readyCli } from "../pulumi/cliSources";
import { run } from "../runProgram";

/** `npm run bench [-- --json]`: the measurements of bench/, after set-up. */
export async function bench(paths: Paths, args: Arguments): Promise<number> {
  // Not by the command `setup`, which prints to stdout, among the JSON lines.
  await readyCli(paths, process.env);
  const hook = join(paths.root, "bootstrap", "typescript.cjs");
  return run(
    process.execPath,
    ["-r", hook, join(paths.root, "bench", "main.ts"), ...(args.has("json") ? ["--json"] : []), ...args.operands],
    {
      cwd: paths.root,
      env: outward(process.env),
    },
  );
}
