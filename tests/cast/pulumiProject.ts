import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathsOf } from "../../cli/checkoutPaths";
import { readyCli } from "../../cli/pulumi/cliSources";
import { placeStandIn } from "../../cli/pulumi/standInPlugin";

/** How a Pulumi command ended. */
export interface Ended {
  readonly code: number;
  /** Standard output and errors, without colours. */
  readonly output: string;
}

/** A Pulumi project in a folder of its own, with its own state and home, run by the real CLI with the stand-in plugin. */
export class PulumiProject {
  private constructor(
    readonly folder: string,
    private readonly environment: Readonly<NodeJS.ProcessEnv>,
  ) {}

  /** A new project with an empty stack `dev`. `environment` is added to this process's own: proxy, trust, credentials. */
  static async create(environment: Readonly<Record<string, string>>): Promise<PulumiProject> {
    const paths = pathsOf();
    const cli = await readyCli(paths, process.env);
    const folder = mkdtempSync(join(tmpdir(), "plugin-e2e-"));
    const home = join(folder, "home");
    mkdirSync(join(folder, "state"));
    const nodeargs = `--require ${join(paths.root, "bootstrap", "lazyModules.cjs")}`;
    const runtime = { name: "nodejs", options: { typescript: false, nodeargs } };
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ name: "tiny", runtime, main: "index.js" }));
    writeFileSync(join(folder, "package.json"), '{ "name": "tiny", "private": true }\n');
    symlinkSync(join(paths.root, "node_modules"), join(folder, "node_modules"));
    placeStandIn({ root: paths.root, pulumiHome: home });
    const project = new PulumiProject(folder, {
      ...process.env,
      ZERO_TOUCH_CLOUD: "local",
      ...environment,
      PATH: [cli.folder, environment.PATH ?? process.env.PATH].join(delimiter),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    });
    const { code, output } = await project.run("stack", "init", "dev");
    if (code !== 0) throw new Error(`no stack: ${output}`);
    return project;
  }

  /** The program, JavaScript; it may require `@pulumi/azure-native/...`. */
  program(text: string): void {
    writeFileSync(join(this.folder, "index.js"), text);
  }

  /** Runs `pulumi` with these arguments; never rejects. */
  run(...args: string[]): Promise<Ended> {
    return this.runWith({}, ...args);
  }

  /** {@link run} with other variables on top. */
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

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
