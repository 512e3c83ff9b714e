import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenKey } from "../../cli/certs/certsContext";
import { runCertsCommand } from "../../cli/certs/runCertsCommand";
import { NOW, stoppedClock } from "./certs";

/** What a command line gave. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly told: string;
}

/** The command line in this process, in a folder of its own, at {@link NOW}, with scripted answers to its questions. */
export class CertsCli {
  readonly folder = mkdtempSync(join(tmpdir(), "certs-cli-"));
  readonly asked: string[] = [];

  /** A path in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a command line; words that end with `@` name files of the folder. No answers: nobody is there to ask. */
  async run(
    line: string,
    gateway: {
      readonly env?: Record<string, string>;
      readonly answers?: readonly string[];
      readonly at?: Date;
      readonly openKey?: OpenKey;
    } = {},
  ): Promise<Said> {
    const argv = line
      .split(" ")
      .filter(Boolean)
      .map((word) => (word.endsWith("@") ? this.path(word.slice(0, -1)) : word));
    let [out, told] = ["", ""];
    const answers = gateway.answers === undefined ? undefined : [...gateway.answers];
    const code = await runCertsCommand(argv, {
      env: gateway.env ?? {},
      clock: stoppedClock(gateway.at ?? NOW),
      out: (text) => {
        out += text;
      },
      tell: (text) => {
        told += text;
      },
      ask:
        answers &&
        (async (question) => {
          this.asked.push(question);
          return answers.shift() ?? "";
        }),
      live: false,
      signal: new AbortController().signal,
      openKey: gateway.openKey,
    });
    return { code, out: out.replaceAll(this.folder, "~"), told: told.replaceAll(this.folder, "~") };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
