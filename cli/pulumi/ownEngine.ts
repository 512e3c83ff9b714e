import { delimiter } from "node:path";
import type { Paths } from "../checkoutPaths";
import { pathVariable } from "../local/localEnvironment";
import { readyCli } from "./cliSources";
import type { Engine } from "./devStack";

/**
 * The project's CLI in the environment as it is: the user's own cloud, sign-in, backend and passphrase. Nothing local is
 * started. Errors: SetupError NO_PULUMI_CLI.
 */
export async function ownEngine(paths: Paths): Promise<Engine> {
  const cli = await readyCli(paths, process.env);
  const name = pathVariable(process.env);
  const folders = (process.env[name] ?? "").split(delimiter).filter((folder) => folder !== "" && folder !== cli.folder);
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true", ...process.env, [name]: [cli.folder, ...folders].join(delimiter) };
  return { cli, env, paths };
}
