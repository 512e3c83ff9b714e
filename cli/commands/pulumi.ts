import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { ownEngine } from "../pulumi/ownEngine";
import { run } from "../runProgram";

/**
 * `npm run pulumi -- ARGUMENTS`: the Pulumi CLI that this project found or built, in this shell's own environment and with
 * its own exit code; for pipelines, and for machines without an installed CLI. It does not start the local Azure.
 */
export async function pulumi(paths: Paths, { rest }: Arguments): Promise<number> {
  const { cli, env } = await ownEngine(paths);
  return run(cli.file, rest, { cwd: paths.root, env });
}
