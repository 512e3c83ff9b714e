import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { OperatorError } from "../operatorError";
import { LONGEST_LINE } from "./lineGrammar";
import type { SessionConsole } from "./sessionConsole";

/** The streams of `ssh HOST COMMAND`, or of a shell without a terminal. Secrets are lines of standard input. */
export class StreamConsole implements SessionConsole {
  readonly isTerminal = false;
  readonly columns = undefined;
  private readonly decoder = new StringDecoder("utf8");
  private text = "";
  private isEnded = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly stdin: Readable,
    private readonly stdout: Writable,
    private readonly stderr: Writable,
  ) {
    stdin.on("data", (bytes: Buffer) => {
      this.text += this.decoder.write(bytes);
      // A client that sends more waits until a line of it is read.
      if (this.text.length > LONGEST_LINE) stdin.pause();
      this.wake();
    });
    for (const event of ["end", "close", "error"]) {
      stdin.on(event, () => {
        this.isEnded = true;
        this.wake();
      });
    }
  }

  show(text: string): void {
    if (this.stdout.writable) this.stdout.write(text);
  }

  showError(text: string): void {
    if (this.stderr.writable) this.stderr.write(text);
  }

  /** The next line of standard input; undefined at its end. */
  async readLine(): Promise<string | undefined> {
    for (;;) {
      const [line, ...rest] = this.text.split(/\r?\n/);
      if (rest.length > 0) {
        this.text = this.text.slice(this.text.indexOf("\n") + 1);
        this.stdin.resume();
        return line;
      }
      if (this.isEnded || this.text.length > LONGEST_LINE) {
        const last = this.text;
        this.text = "";
        this.stdin.resume();
        return last === "" ? undefined : last;
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  ask(prompt: string): Promise<string> {
    return this.askHidden(prompt);
  }

  async askHidden(prompt: string): Promise<string> {
    this.showError(prompt);
    const line = await this.readLine();
    this.showError("\n");
    if (line === undefined) {
      throw new OperatorError(
        "ParameterMissing",
        "Standard input has no line for the prompt.",
        "pipe the secret to ssh",
      );
    }
    return line;
  }
}
