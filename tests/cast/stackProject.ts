import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { copyCheckout } from "../../bench/environment/processes";
import { PROJECT, pathsOf } from "../../cli/checkoutPaths";
import { DEV_PASSPHRASE } from "../../cli/local/localEnvironment";
import { readyCli } from "../../cli/pulumi/cliSources";
import { placeStandIn } from "../../cli/pulumi/standInPlugin";
import { AttachedProviders } from "./attachedProviders";
import type { Ended } from "./pulumiProject";
import { SecretsVault } from "./secretsVault";
import { type ExportedResource, StackFile } from "./stackFile";

const ROOT = resolve(__dirname, "..", "..");
/** Folders of the checkout that no run reads: more than a third of its files. */
const UNUSED = ["docs", "tests"];

/** The whole project in a folder of its own, with its own Pulumi state and home, run by the real CLI. */
export class StackProject {
  readonly #home = mkdtempSync(join(tmpdir(), "stack-e2e-"));
  #folder = join(this.#home, "checkout");
  /** Merged over this process's environment: where Azure is, and who we are to it. */
  environment: Readonly<Record<string, string>>;

  readonly #cli: string;
  #providers: { readonly attached: AttachedProviders; readonly environment: object } | undefined;
  readonly #stack = new StackFile(join(this.#home, "state"), PROJECT, "dev");

  private constructor(
    environment: Readonly<Record<string, string>>,
    cli: string,
    private readonly secrets: SecretsVault,
  ) {
    this.environment = environment;
    this.#cli = cli;
    copyCheckout(this.#folder, UNUSED);
    this.configure({});
    placeStandIn({ root: ROOT, pulumiHome: join(this.#home, "home") });
  }

  /** A copy of the checkout with the empty stack `dev`. The CLI is found, or built, as `npm run setup` does. */
  static async create(environment: Readonly<Record<string, string>>): Promise<StackProject> {
    const cli = await readyCli(pathsOf(), process.env);
    const project = new StackProject(environment, cli.folder, await SecretsVault.start());
    project.#stack.create();
    return project;
  }

  /**
   * Lets the next runs attach to providers that are started now. A run whose environment is another one than now starts its
   * own, as every run does in a project without this.
   */
  async attachProviders(): Promise<void> {
    const { environment } = this;
    const env = { ...process.env, ...this.variables };
    this.#providers = {
      attached: await AttachedProviders.start(this.#folder, env, join(this.#home, "providers.log")),
      environment,
    };
  }

  /** Lets the next runs start their own providers again. */
  detachProviders(): void {
    this.#providers?.attached.end();
    this.#providers = undefined;
  }

  /** The providers for a run in the present environment. */
  get #attached(): AttachedProviders | undefined {
    return this.#providers?.environment === this.environment ? this.#providers.attached : undefined;
  }

  /** Where the checkout is now. */
  get folder(): string {
    return this.#folder;
  }

  /** Moves the checkout to another folder. */
  move(): void {
    this.detachProviders();
    const next = join(this.#home, "moved");
    renameSync(this.#folder, next);
    this.#folder = next;
  }

  /** Runs `pulumi` with these arguments; never rejects. */
  run(...args: string[]): Promise<Ended> {
    return this.#start("pulumi", [...args, "--non-interactive", "--color", "never"]);
  }

  /** Runs a script of the checkout by Node, where `pulumi` would run too; never rejects. */
  script(file: string, ...args: string[]): Promise<Ended> {
    return this.#start(process.execPath, [join(this.#folder, file), ...args]);
  }

  /** What Pulumi needs here, beside this process's own environment. */
  get variables(): Readonly<Record<string, string>> {
    return {
      PULUMI_HOME: join(this.#home, "home"),
      PULUMI_BACKEND_URL: pathToFileURL(join(this.#home, "state")).href,
      ...this.secrets.variables,
      // For stacks that a test makes.
      PULUMI_CONFIG_PASSPHRASE: DEV_PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Writes the state at the end only, and not after each resource: a quarter of the CLI's processor time. No run is killed.
      PULUMI_SKIP_CHECKPOINTS: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...this.environment,
      ...(this.#attached && { PULUMI_DEBUG_PROVIDERS: this.#attached.addresses }),
      PATH: [this.#cli, process.env.PATH ?? ""].join(delimiter),
    };
  }

  /** Runs any file by Node, with Pulumi and Azure as the checkout has them; never rejects. */
  node(file: string): Promise<Ended> {
    return this.#start(process.execPath, [file]);
  }

  #start(command: string, args: readonly string[]): Promise<Ended> {
    const env = { ...process.env, ...this.variables };
    // A preview's JSON is one document; an update's is events, among which the engine shows what providers print.
    const isDocument = args.includes("preview") && args.includes("--json");
    const attached = isDocument ? undefined : this.#attached;
    const before = attached?.printed().length ?? 0;
    return new Promise((done) => {
      const child = spawn(command, args, { cwd: this.#folder, env });
      let output = "";
      const collect = (chunk: Buffer): void => {
        output += chunk.toString("utf8");
      };
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      child.once("error", (error) => done({ code: 127, output: error.message }));
      child.once("close", (code) => {
        output += attached?.printed().slice(before) ?? "";
        done({ code: code ?? 1, output });
      });
    });
  }

  /** `pulumi up` without questions. */
  up(...args: string[]): Promise<Ended> {
    return this.run("up", "--yes", "--skip-preview", "--stack", "dev", ...args);
  }

  /** Makes another empty stack, without configuration. */
  addStack(name: string): void {
    new StackFile(join(this.#home, "state"), PROJECT, name).create();
    writeFileSync(join(this.#folder, `Pulumi.${name}.yaml`), stringify(this.secrets.settings));
  }

  /** Gives the stack these settings beside those of the checkout's Pulumi.dev.yaml, and no others. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    const { config } = parse(readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    for (const [key, value] of Object.entries(settings)) config[`${PROJECT}:${key}`] = value;
    writeFileSync(join(this.#folder, "Pulumi.dev.yaml"), stringify({ ...this.secrets.settings, config }));
  }

  /** Fails when the program or Azure differs from the state: a refresh and a preview in one run. */
  expectNoChanges(...args: string[]): Promise<Ended> {
    return this.run("preview", "--refresh", "--expect-no-changes", "--stack", "dev", ...args);
  }

  /** The state as text, in the form of `pulumi stack export`. */
  exported(): string {
    return this.#stack.exported();
  }

  /** The state with its secrets in clear, as `pulumi stack export --show-secrets` prints it. */
  exportedSecrets(): string {
    return this.#stack.exportedSecrets(this.secrets.key);
  }

  /** Puts another state in place of the stack's, as `pulumi stack import` does. */
  replaceState(state: string): void {
    this.#stack.replace(state);
  }

  /** The resources of the state. */
  resources(): readonly ExportedResource[] {
    return this.#stack.resources();
  }

  /** The stack's outputs, secrets in their envelopes. */
  outputs(): Readonly<Record<string, unknown>> {
    return this.#stack.outputs();
  }

  remove(): void {
    this.detachProviders();
    this.secrets.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}
