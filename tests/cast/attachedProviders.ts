import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The providers of a project as one process, to which the engine attaches: a run of the CLI starts none, and one with a refresh
 * would start each twice. They are the same code, behind the same protocol.
 */
export class AttachedProviders {
  private constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
    /** The value of PULUMI_DEBUG_PROVIDERS. */
    readonly addresses: string,
  ) {}

  /** Starts them, and the plugins, in the project's folder; `file` receives what they print. */
  static async start(
    folder: string,
    env: NodeJS.ProcessEnv,
    file: string,
    ...plugins: readonly "zero-touch"[]
  ): Promise<AttachedProviders> {
    // A file, because what is in a pipe may not have come when the CLI has ended.
    const output = openSync(file, "w");
    const program = [join(__dirname, "attachedProviders.cjs"), "no engine", ...plugins];
    const child = spawn(process.execPath, program, { cwd: folder, env, stdio: ["ignore", output, output, "ipc"] });
    closeSync(output);
    const failed = once(child, "exit").then(() => {
      throw new Error(`the providers did not start: ${readFileSync(file, "utf8")}`);
    });
    const [addresses] = (await Promise.race([once(child, "message"), failed])) as [string];
    failed.catch(() => undefined);
    return new AttachedProviders(child, file, addresses);
  }

  /** All that they have printed, which the engine shows of providers that it starts. */
  printed(): string {
    return readFileSync(this.file, "utf8");
  }

  /** Ends them; resolves when their process is over. */
  async end(): Promise<void> {
    const over = once(this.child, "exit");
    this.child.disconnect();
    await over;
  }
}
