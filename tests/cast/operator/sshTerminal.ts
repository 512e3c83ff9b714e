import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { type SshTarget, startSsh } from "./sshClient";

/** Milliseconds that a test waits for a text. */
const TIMEOUT_MS = 20_000;

/** As node:readline writes it, with the cursor's column after it. */
const PROMPT = "[dev]: ZT> \u001b[12G";

/** A session at a terminal, as a person has one: types text and waits for what appears. */
export class SshTerminal {
  private readonly child: ChildProcessWithoutNullStreams;
  private screen = "";
  private wake: () => void = () => undefined;
  readonly ended: Promise<number | null>;

  /** With `-tt`, ssh requests a terminal although its own input is none. */
  constructor(target: SshTarget) {
    this.child = startSsh(target, ["-tt"]);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.screen += text;
        this.wake();
      });
    }
    this.child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Waits until a text appears after what was read before; returns all up to its end. */
  async until(text: string | RegExp): Promise<string> {
    const late = Date.now() + TIMEOUT_MS;
    for (;;) {
      const found = typeof text === "string" ? this.screen.indexOf(text) : this.screen.search(text);
      if (found >= 0) {
        const length = typeof text === "string" ? text.length : (text.exec(this.screen)?.[0].length ?? 0);
        const read = this.screen.slice(0, found + length);
        this.screen = this.screen.slice(found + length);
        return read;
      }
      if (Date.now() > late) throw new Error(`${text} did not appear after: ${JSON.stringify(this.screen)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Waits for a prompt that has not been read; returns all before it. */
  prompt(): Promise<string> {
    return this.until(PROMPT);
  }

  /** Types a line and waits for the next prompt; returns what appeared. */
  async line(text: string): Promise<string> {
    this.type(`${text}\r`);
    return this.prompt();
  }

  /** Drops the connection, as a lost network does. */
  kill(): void {
    this.child.kill("SIGKILL");
  }
}
