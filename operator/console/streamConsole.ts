import { StringDecoder } from "node:string_decoder";
import type { ServerChannel } from "ssh2";
import { OperatorError } from "../operatorError";
import { LONGEST_LINE } from "./lineGrammar";
import { legible } from "./outputText";
import type { SessionConsole } from "./sessionConsole";

/** The streams of `ssh HOST COMMAND`, or of a shell without a terminal. Secrets are lines of standard input. */
export class StreamConsole implements SessionConsole {
  readonly isTerminal = false;
  readonly columns = undefined;
  private readonly decoder = new StringDecoder("utf8");
  private text = "";
  private isEnded = false;
  /** Whether the rest of a line that is too long is left out: it is no line of its own. */
  private isSkipping = false;
  private isDropping = false;
  private wake: (() => void) | undefined;

  /** `reads`: whether it reads the channel, which a terminal otherwise does. */
  constructor(
    private readonly channel: ServerChannel,
    reads: boolean,
  ) {
    if (!reads) return;
    channel.on("data", (bytes: Buffer) => {
      this.receive(this.decoder.write(bytes));
      // A client that sends more waits until a line of it is read.
      if (this.text.length > LONGEST_LINE) channel.pause();
      this.wake?.();
    });
    for (const event of ["end", "close", "error"]) channel.on(event, () => this.end());
  }

  get isReading(): boolean {
    return this.wake !== undefined;
  }

  show(text: string): void {
    if (this.channel.writable) this.channel.write(legible(text));
  }

  showError(text: string): void {
    if (this.channel.stderr.writable) this.channel.stderr.write(legible(text));
  }

  /** The next line of standard input; undefined at its end. */
  async readLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.text.indexOf("\n");
      if (end >= 0 || this.isEnded || this.text.length > LONGEST_LINE) {
        const line = end < 0 ? this.text : this.text.slice(0, end);
        this.text = end < 0 ? "" : this.text.slice(end + 1);
        this.isSkipping = end < 0 && !this.isEnded;
        this.channel.resume();
        return end < 0 && line === "" ? undefined : line.replace(/\r$/, "");
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
  }

  ask(prompt: string): Promise<string> {
    return this.askHidden(prompt);
  }

  async askHidden(prompt: string): Promise<string> {
    this.showError(prompt);
    const line = await this.readLine();
    this.showError("\n");
    if (line !== undefined) return line;
    throw new OperatorError(
      "ParameterMissing",
      "Standard input has no line for the prompt.",
      "pipe the secret to ssh, or connect with a terminal: ssh -t",
    );
  }

  private receive(text: string): void {
    if (this.isDropping) return;
    if (!this.isSkipping) {
      this.text += text;
      return;
    }
    const end = text.indexOf("\n");
    this.isSkipping = end < 0;
    if (end >= 0) this.text += text.slice(end + 1);
  }

  dropInput(): void {
    this.text = "";
    this.isDropping = true;
    this.end();
  }

  end(): void {
    this.isEnded = true;
    this.wake?.();
  }
}
