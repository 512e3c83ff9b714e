import { delimiter, join } from "node:path";
import type { Paths } from "../checkoutPaths";
import { pathVariable } from "../local/localEnvironment";
import { addLaunchers, type Cli, cliOnPath, findCli, preparedCli, preparedFolder, type Source } from "./pulumiCli";

/** The sources in the order that the design asks for; the slow ones are loaded only when they are reached. */
export function sources(paths: Pick<Paths, "cache">, environment: NodeJS.ProcessEnv): readonly Source[] {
  const memory = join(paths.cache, "on-path.json");
  const prepared = preparedFolder(paths.cache);
  // A shell made by `npm run -s env` has the prepared CLI on PATH: that is the cache folder, found by the next source.
  const path = (environment[pathVariable(environment)] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== prepared)
    .join(delimiter);
  return [
    cliOnPath(path, memory, async (file) => {
      const { output } = require("../runProgram") as typeof import("../runProgram");
      return (await output(file, ["version"], { env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" } })).trim();
    }),
    preparedCli(paths.cache),
    {
      name: "Pulumi's download",
      find: async (note) =>
        (require("./downloadCli") as typeof import("./downloadCli")).downloadedCli(paths, environment, note),
    },
    {
      name: "Go",
      find: async (note) => (require("./buildCli") as typeof import("./buildCli")).builtCli(paths, environment, note),
    },
  ];
}

/** The CLI for a checkout, complete with its plugins: found, downloaded or built. */
export async function readyCli(paths: Paths, environment: NodeJS.ProcessEnv): Promise<Cli> {
  const cli = await findCli(sources(paths, environment));
  // What is installed on PATH is its owner's; only what lies in our own cache is completed.
  if (cli.folder === preparedFolder(paths.cache)) addLaunchers(cli, paths.root);
  return cli;
}
