import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenKey } from "../../cli/certs/certsContext";
import { runCertsCommand } from "../../cli/certs/runCertsCommand";
import { NOW, stoppedClock } from "./certs";

/** Exit code and output of a command line. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process, in its own folder, at {@link NOW}, with scripted input for its prompts. */
export class CertsCli {
  readonly folder = mkdtempSync(join(tmpdir(), "certs-cli-"));
  readonly prompts: string[] = [];

  /** A path in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a command line; words that end with `@` name files of the folder. Without `inputs` there is no terminal. */
  async run(
    line: string,
    gateway: {
      readonly env?: Record<string, string>;
      readonly inputs?: readonly string[];
      readonly at?: Date;
      readonly openKey?: OpenKey;
    } = {},
  ): Promise<CliResult> {
    const argv = line
      .split(" ")
      .filter(Boolean)
      .map((word) => (word.endsWith("@") ? this.path(word.slice(0, -1)) : word));
    let [stdout, stderr] = ["", ""];
    const inputs = gateway.inputs === undefined ? undefined : [...gateway.inputs];
    const code = await runCertsCommand(argv, {
      env: gateway.env ?? {},
      clock: stoppedClock(gateway.at ?? NOW),
      print: (text) => {
        stdout += text;
      },
      log: (text) => {
        stderr += text;
      },
      prompt:
        inputs &&
        (async (question) => {
          this.prompts.push(question);
          return inputs.shift() ?? "";
        }),
      live: false,
      signal: new AbortController().signal,
      openKey: gateway.openKey,
    });
    return { code, stdout: stdout.replaceAll(this.folder, "~"), stderr: stderr.replaceAll(this.folder, "~") };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
