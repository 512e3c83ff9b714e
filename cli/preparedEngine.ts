import { existsSync } from "node:fs";
import { join } from "node:path";
import { outward } from "../bootstrap/install.cjs";
import { progress } from "../bootstrap/progress.cjs";
import { SetupError } from "../bootstrap/setupError.cjs";
import type { Environment } from "../emulator/contract/shellExports";
import type { Paths } from "./checkoutPaths";
import { mintedIdToken } from "./local/controlClient";
import { started } from "./local/localAzureProcess";
import { applied, bundleFile, environmentOf, federatedTokenFile } from "./local/localEnvironment";
import type { Ready } from "./local/readyFile";
import type { SignInWay } from "./local/signInVariables";
import { writeBundle } from "./local/trustBundle";
import { readyCli } from "./pulumi/cliSources";
import { checkCloud, type Engine, ensureBackend, ensureStack } from "./pulumi/devStack";
import type { Cli } from "./pulumi/pulumiCli";
import { genuineVersion, placeStandIn } from "./pulumi/standInPlugin";
import { output } from "./runProgram";
import { writeWhole } from "./wholeFile";

/** All that a command needs to let Pulumi work on the local Azure. */
export interface Prepared extends Engine {
  readonly ready: Ready;
  /** The change of the user's environment that `env` is the outcome of. */
  readonly environment: Environment;
}

/**
 * The switch that lets Pulumi take its own azure-native plugin in place of the stand-in. It gets a PULUMI_HOME in the
 * user's cache folder: the plugin is a download of 200 MB that should outlive `npm run down`.
 */
async function genuineHome(paths: Paths, cli: Cli): Promise<string> {
  const home = join(paths.cache, "genuine-home");
  const version = genuineVersion(paths);
  if (existsSync(join(home, "plugins", `resource-azure-native-v${version}`))) return home;
  const step = progress("Downloading Pulumi's azure-native plugin", { expected: "200 MB, once" });
  try {
    const env = { ...outward(process.env), PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
    await output(cli.file, ["plugin", "install", "resource", "azure-native", version], { cwd: paths.root, env });
    step.done();
    return home;
  } catch (cause) {
    throw new SetupError(
      "NO_GENUINE_PLUGIN",
      "Pulumi's azure-native plugin could not be downloaded.",
      `It is not in ${home}, and Pulumi's download site cannot be reached.`,
      ["leave out --genuine-plugin: the stand-in serves the local Azure", "connect to the network and run this again"],
      { cause },
    );
  } finally {
    step.quiet();
  }
}

/** What a command may choose. */
export interface PrepareOptions {
  /** Pulumi's own azure-native in place of the stand-in. Default false. */
  readonly genuine?: boolean;
  /** Default: `secret`. */
  readonly signIn?: SignInWay;
  /** Whether to create the stack `dev` where it does not exist, which selects it, too. Default true. */
  readonly createStack?: boolean;
}

/**
 * Makes everything ready that Pulumi needs here: CLI, local Azure, trust, plugin, stack. Nothing is started or written
 * that is there already. Errors: the SetupErrors of its parts.
 */
export async function prepare(paths: Paths, options: PrepareOptions = {}): Promise<Prepared> {
  checkCloud(paths.root);
  ensureBackend(paths);
  // Side by side: where all has to be done, the start of the local Azure hides behind the CLI's own work.
  const preparing = readyCli(paths, process.env).then(async (found) => {
    if (options.createStack ?? true) await ensureStack(found, paths);
    return found;
  });
  const [cli, ready] = await Promise.all([preparing, started({ paths })]);
  const bundle = bundleFile(paths);
  writeBundle(bundle, ready.caFile);
  const home = options.genuine === true ? await genuineHome(paths, cli) : undefined;
  if (home === undefined) placeStandIn(paths);
  const { signIn = "secret" } = options;
  if (signIn === "oidc") writeWhole(federatedTokenFile(ready), await mintedIdToken(ready), 0o600);
  const environment = environmentOf(ready, {
    signIn,
    paths,
    bundle,
    cliFolder: cli.folder,
    current: process.env,
    ...(home === undefined ? {} : { genuineHome: home }),
  });
  return { cli, env: applied(process.env, environment), paths, ready, environment };
}
