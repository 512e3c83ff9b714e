import { join } from "node:path";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { prepare } from "../preparedEngine";
import { run } from "../runProgram";

/**
 * `npm run operator [-- --instance NAME --port N --authority FILE --transcripts URL]`: all set-up, then `zero-touch operator serve` of the stack
 * `dev`. In a process of its own, because Node reads its roots of trust from the environment only at the start.
 */
export async function operator(paths: Paths, args: Arguments): Promise<number> {
  const { env } = await prepare(paths);
  const options = ["instance", "port", "authority", "transcripts"].flatMap((name) => {
    const value = args.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const serve = [join(paths.root, "cli", "zero-touch.cjs"), "operator", "serve", ...options];
  return run(process.execPath, serve, { env, endsWithParent: true });
}
