import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathsOf } from "../../cli/checkoutPaths";
import { DEV_PASSPHRASE } from "../../cli/local/localEnvironment";
import { readyCli } from "../../cli/pulumi/cliSources";
import { placeStandIn } from "../../cli/pulumi/standInPlugin";
import { AttachedProviders } from "./attachedProviders";
import { SecretsVault } from "./secretsVault";
import { StackFile } from "./stackFile";

const NAME = "tiny";

/** How a project differs from one with the stand-in plugin alone, on secrets of a vault. */
interface ProjectOptions {
  /** Plugins in folders, as in Pulumi.yaml. */
  readonly plugins?: object;
  /** Whether a passphrase opens the secrets of the stack `dev`. */
  readonly hasPassphrase?: boolean;
}

/** How a Pulumi command ended. */
export interface Ended {
  readonly code: number;
  /** Standard output and errors, without colours. */
  readonly output: string;
}

/** A Pulumi project in a folder of its own, with its own state and home, run by the real CLI with the stand-in plugin. */
export class PulumiProject {
  #attached: AttachedProviders | undefined;

  private constructor(
    readonly folder: string,
    private readonly environment: Readonly<NodeJS.ProcessEnv>,
    private readonly secrets: SecretsVault,
  ) {}

  /** A new project with an empty stack `dev`. `environment` is added to this process's own: proxy, trust, credentials. */
  static async create(
    environment: Readonly<Record<string, string>>,
    { plugins, hasPassphrase = false }: ProjectOptions = {},
  ): Promise<PulumiProject> {
    const paths = pathsOf();
    const cli = await readyCli(paths, process.env);
    const folder = mkdtempSync(join(tmpdir(), "plugin-e2e-"));
    const home = join(folder, "home");
    const nodeargs = `--require ${join(paths.root, "bootstrap", "lazyModules.cjs")}`;
    const runtime = { name: "nodejs", options: { typescript: false, nodeargs } };
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ name: NAME, runtime, main: "index.js", plugins }));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: NAME, private: true }));
    const [salt] = /^encryptionsalt: .*$/m.exec(readFileSync(join(paths.root, "Pulumi.dev.yaml"), "utf8")) ?? [];
    const secrets = await SecretsVault.start();
    writeFileSync(join(folder, "Pulumi.dev.yaml"), hasPassphrase ? `${salt}\n` : JSON.stringify(secrets.settings));
    symlinkSync(join(paths.root, "node_modules"), join(folder, "node_modules"));
    placeStandIn({ root: paths.root, pulumiHome: home });
    const variables = {
      ...process.env,
      ZERO_TOUCH_CLOUD: "local",
      ...environment,
      ...secrets.variables,
      PATH: [cli.folder, environment.PATH ?? process.env.PATH].join(delimiter),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: DEV_PASSPHRASE,
      PULUMI_STACK: "dev",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Writes the state at the end only, and not after each resource: a quarter of the CLI's processor time. No run is killed.
      PULUMI_SKIP_CHECKPOINTS: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
    const project = new PulumiProject(folder, variables, secrets);
    project.state.create();
    return project;
  }

  /** Lets the next runs attach to a stand-in, and to plugins, that are started now, of the project that has the tests. */
  async attachStandIn(...plugins: readonly "zero-touch"[]): Promise<void> {
    this.#attached = await AttachedProviders.start(
      pathsOf().root,
      this.environment,
      join(this.folder, "providers.log"),
      ...plugins,
    );
  }

  /** The program, JavaScript; it may require `@pulumi/azure-native/...`. */
  program(text: string): void {
    writeFileSync(join(this.folder, "index.js"), text);
  }

  /** Runs `pulumi` with these arguments; never rejects. */
  run(...args: string[]): Promise<Ended> {
    const environment = this.#attached && { PULUMI_DEBUG_PROVIDERS: this.#attached.addresses };
    return this.runWith({ ...environment }, ...args);
  }

  /** {@link run} with other variables on top, and with a stand-in and plugins of its own. */
  runWith(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
    const env = { ...this.environment, ...environment };
    const full = [...args, "--non-interactive", "--color", "never"];
    return new Promise((done) => {
      execFile("pulumi", full, { cwd: this.folder, env, maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        done({ code, output: `${stdout}${stderr}` });
      });
    });
  }

  /** The state of the stack `dev`. */
  get state(): StackFile {
    return new StackFile(join(this.folder, "state"), NAME, "dev");
  }

  remove(): void {
    this.#attached?.end();
    this.secrets.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
