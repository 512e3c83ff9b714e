import { type Paths, STACK } from "../checkoutPaths";
import { prepare } from "../preparedEngine";
import { checkArguments, pulumi, recover } from "../pulumi/devStack";
import { takeFlag } from "./arguments";

/** `npm run preview`: what `npm run up` would change. Further arguments (`--diff`) go to `pulumi preview`. */
export async function preview(paths: Paths, args: readonly string[]): Promise<number> {
  checkArguments(args);
  const { found: genuine, rest } = takeFlag(args, "--genuine-plugin");
  const prepared = await prepare(paths, { genuine });
  await recover(prepared, prepared.ready.subscriptionId);
  return pulumi(prepared, ["preview", "--suppress-progress", "--stack", STACK, ...rest]);
}
