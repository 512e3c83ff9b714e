import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The providers and the program of a project as one process, to which the engine attaches: a run of the CLI starts none, and one
 * with a refresh would start each provider twice. They are the same code, behind the same protocols.
 */
export class AttachedPlugins {
  private constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
    /** For the engine: PULUMI_DEBUG_PROVIDERS and PULUMI_DEBUG_LANGUAGES. */
    readonly variables: Readonly<Record<string, string>>,
  ) {}

  /** Starts them in the project's folder; `file` receives what they print. */
  static async start(folder: string, env: NodeJS.ProcessEnv, file: string): Promise<AttachedPlugins> {
    // A file, because what is in a pipe may not have come when the CLI has ended.
    const output = openSync(file, "w");
    const program = [join(__dirname, "attachedPlugins.cjs"), "no engine"];
    const child = spawn(process.execPath, program, { cwd: folder, env, stdio: ["ignore", output, output, "ipc"] });
    closeSync(output);
    const failed = once(child, "exit").then(() => {
      throw new Error(`the plugins did not start: ${readFileSync(file, "utf8")}`);
    });
    const [variables] = (await Promise.race([once(child, "message"), failed])) as [Record<string, string>];
    failed.catch(() => undefined);
    return new AttachedPlugins(child, file, variables);
  }

  /** All that they have printed, which the engine shows of providers that it starts. */
  printed(): string {
    return readFileSync(this.file, "utf8");
  }

  /** Whether a deployment failed: this can run no other one. */
  async isSpent(): Promise<boolean> {
    this.child.send("isSpent");
    const [isSpent] = (await once(this.child, "message")) as [boolean];
    return isSpent;
  }

  end(): void {
    this.child.disconnect();
  }
}
