import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { placeStandIn } from "../../tools/pulumi/plugin";

const ROOT = resolve(__dirname, "..", "..");

/** How a Pulumi command ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** The folder of the newest Pulumi CLI in the user's cache; undefined where set-up has not run. */
export function cachedCli(): string | undefined {
  const cache = join(homedir(), ".cache", "azure-iot-zero-touch");
  const found = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name.startsWith("pulumi-"))
        .sort()
    : [];
  const last = found.at(-1);
  return last === undefined ? undefined : join(cache, last, "bin");
}

/** A Pulumi project in a folder of its own, with its own state and home, run by the real CLI with the stand-in plugin. */
export class PulumiProject {
  readonly folder = mkdtempSync(join(tmpdir(), "plugin-e2e-"));

  /** `environment` is added to the machine's own; proxies and credentials go there. */
  constructor(private readonly environment: Readonly<Record<string, string>>) {
    mkdirSync(join(this.folder, "state"));
    writeFileSync(join(this.folder, "Pulumi.yaml"), "name: tiny\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(this.folder, "package.json"), '{ "name": "tiny", "private": true }\n');
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    placeStandIn({ root: ROOT, pulumiHome: join(this.folder, "home") });
  }

  /** The program, JavaScript; it may require `@pulumi/azure-native/...`. */
  program(text: string): void {
    writeFileSync(join(this.folder, "index.js"), text);
  }

  /** Runs `pulumi` with these arguments; never rejects. */
  run(...args: string[]): Promise<Ended> {
    const env = {
      ...process.env,
      PATH: [cachedCli(), join(ROOT, "node_modules", "@pulumi", "pulumi"), process.env.PATH].join(delimiter),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      ZERO_TOUCH_CLOUD: "local",
      ...this.environment,
    };
    const full = [...args, "--non-interactive", "--color", "never"];
    return new Promise((done) => {
      execFile("pulumi", full, { cwd: this.folder, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        done({ code, output: `${stdout}${stderr}` });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
