import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { prepare } from "../preparedEngine";
import { checkArguments, pulumi, recover } from "../pulumi/devStack";
import { checkPrefix } from "../pulumi/prefixChange";

/** `npm run preview`: what `npm run up` would change. Further arguments (`--diff`) go to `pulumi preview`. */
export async function preview(paths: Paths, args: Arguments): Promise<number> {
  const { rest } = args;
  checkArguments(rest);
  const prepared = await prepare(paths, { genuine: args.has("genuine-plugin") });
  await recover(prepared, prepared.ready.subscriptionId);
  checkPrefix(paths);
  // To stderr: with --json, stdout is Pulumi's alone.
  process.stderr.write(`Previewing the stack ${STACK} on the local Azure:\n`);
  return pulumi(prepared, ["preview", "--suppress-progress", "--stack", STACK, ...rest]);
}
