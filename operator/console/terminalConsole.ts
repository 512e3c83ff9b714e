import { createInterface, type Interface } from "node:readline";
import { type Duplex, PassThrough } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { OperatorError } from "../operatorError";
import { LONGEST_LINE } from "./lineGrammar";
import { legible } from "./outputText";
import type { SessionConsole } from "./sessionConsole";
import { TerminalOutput, type TerminalSize } from "./terminalOutput";

const INTERRUPT = "\u0003";
const END = "\u0004";
const ESCAPE = "\u001b";

/** Completions of a line that ends at the cursor, and the word that they replace. */
export type LineCompleter = (line: string) => Promise<[readonly string[], string]>;

/** Who gets what the client types: a character, or a run of many printable ones, which was pasted. */
type Reader = (typed: string) => void;

/** A run that is read at once. The keys that send printable characters after an escape send fewer. */
const PASTED = /^[^\p{Cc}]{16,}/u;

/**
 * A client's terminal: line editing, history and completion by node:readline, secrets without echo. What is typed while a
 * command runs is kept for the next prompt; Ctrl+C then reaches `onInterrupt`.
 */
export class TerminalConsole implements SessionConsole {
  readonly isTerminal = true;
  private readonly output: TerminalOutput;
  /** Never written to: characters are emitted, so that each one is done with before the next. */
  private readonly input = new PassThrough();
  private readonly lines: Interface;
  private readonly decoder = new StringDecoder("utf8");
  private typed = "";
  private reader: Reader | undefined;
  private isEnded = false;
  private endReading: () => void = () => undefined;
  private completer: LineCompleter | undefined;
  /** Goes on without the completion that is under way. */
  private giveUpCompletion: (() => void) | undefined;
  private keepsLine = false;
  /** Whether the client is behind with reading. */
  private isWaiting = false;
  /** The last character that was read. */
  private last = "";

  constructor(
    private readonly channel: Duplex,
    size: TerminalSize,
    private readonly onInterrupt: () => void,
  ) {
    this.output = new TerminalOutput(channel, size);
    this.lines = createInterface({
      input: this.input,
      output: this.output,
      terminal: true,
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: Error | null, result?: [string[], string]) => void) => {
        const none: [string[], string] = [[], line];
        if (this.completer === undefined) return done(null, none);
        // Keys that follow wait until the line is completed.
        const { reader } = this;
        this.reader = undefined;
        const resume = (result: [string[], string]): void => {
          // A completion that was given up may come late.
          if (this.giveUpCompletion !== giveUp) return;
          this.giveUpCompletion = undefined;
          done(null, result);
          this.reader = reader;
          this.receive("");
        };
        const giveUp = (): void => resume(none);
        this.giveUpCompletion = giveUp;
        this.completer(line).then(
          ([hits, word]) => resume([[...hits], word]),
          () => resume(none),
        );
      },
    });
    // readline's own handler of Ctrl+Z would stop this process.
    this.lines.on("SIGTSTP", () => undefined);
    this.lines.on("history", (history: string[]) => {
      if (!this.keepsLine) history.shift();
    });
    channel.on("data", (bytes: Buffer) => this.receive(this.decoder.write(bytes)));
    for (const event of ["end", "close", "error"]) channel.on(event, () => this.end());
  }

  get isReading(): boolean {
    return this.reader !== undefined;
  }

  get columns(): number {
    return this.output.columns;
  }

  resize(size: TerminalSize): void {
    this.output.resize(size);
  }

  show(text: string): void {
    // Also after the end of the input: `ssh -tt HOST COMMAND </dev/null` ends it before the command has its output.
    if (this.channel.writable) this.output.write(legible(text));
  }

  showError(text: string): void {
    this.show(text);
  }

  /** Reads a line of the session; undefined at Ctrl+D and at the end of the connection. */
  async readLine(prompt: string, completer: LineCompleter): Promise<string | undefined> {
    this.completer = completer;
    this.keepsLine = true;
    try {
      return await this.edited(prompt, true);
    } finally {
      this.completer = undefined;
      this.keepsLine = false;
    }
  }

  async ask(prompt: string): Promise<string> {
    const text = await this.edited(prompt, false);
    if (text === undefined) throw new OperatorError("Cancelled", "The prompt was cancelled.");
    return text;
  }

  askHidden(prompt: string): Promise<string> {
    // By code points, so that Backspace takes away a whole character.
    let text: string[] = [];
    this.output.write(legible(prompt));
    return new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        this.reader = undefined;
        this.show("\n");
        act();
      };
      const cancel = (): void => done(() => reject(new OperatorError("Cancelled", "The prompt was cancelled.")));
      this.read(cancel, (typed) => {
        if (typed === "\r") done(() => resolve(text.join("")));
        else if (typed === INTERRUPT || typed === END) cancel();
        else if (typed === "\u007f" || typed === "\b") text = text.slice(0, -1);
        else if (typed === "\u0015") text = [];
        else if (typed >= " " && text.length + typed.length <= LONGEST_LINE) text.push(...typed);
      });
    });
  }

  close(): void {
    this.isEnded = true;
    this.lines.close();
  }

  /** A line that node:readline edits. At Ctrl+C a prompt begins again, or is cancelled where it asks for a value. */
  private edited(prompt: string, beginsAgain: boolean): Promise<string | undefined> {
    return new Promise((resolve) => {
      const { lines } = this;
      const done = (text: string | undefined): void => {
        this.reader = undefined;
        lines.off("line", done);
        resolve(text);
      };
      lines.on("line", done);
      lines.setPrompt(prompt);
      lines.prompt();
      this.read(
        () => done(undefined),
        (typed) => {
          if (typed === INTERRUPT) {
            this.show("^C\n");
            // readline's own interrupt would close it; this empties the line.
            lines.write(null, { ctrl: true, name: "e" });
            lines.write(null, { ctrl: true, name: "u" });
            if (beginsAgain) lines.prompt();
            else done(undefined);
          } else if (typed === END && lines.line === "") {
            this.show("\n");
            done(undefined);
          } else if (typed.length > 1) {
            // As one text, because readline draws the line after each key. A line that is too long is cut where it is refused.
            lines.write(typed.slice(0, Math.max(0, LONGEST_LINE + 1 - lines.line.length)));
          } else if (typed < " " || lines.line.length <= LONGEST_LINE) {
            // Nothing more is read until this line has run: the next characters may be for its prompts.
            if (typed === "\r") this.reader = undefined;
            this.input.emit("data", Buffer.from(typed));
          }
        },
      );
    });
  }

  /** Gives the characters to a reader, those first that wait. */
  private read(cancel: () => void, reader: Reader): void {
    this.reader = reader;
    this.endReading = cancel;
    if (this.isEnded) cancel();
    else this.receive("");
  }

  private receive(text: string): void {
    this.typed += text;
    if (this.isWaiting) return;
    while (this.reader !== undefined && this.typed !== "") {
      if (this.output.isBehind) {
        this.waitForClient();
        return;
      }
      const pasted = this.last === ESCAPE ? undefined : PASTED.exec(this.typed)?.[0];
      const piece = pasted ?? String.fromCodePoint(this.typed.codePointAt(0) ?? 0);
      this.typed = this.typed.slice(piece.length);
      // A pasted line break may be \r\n or \n; the key sends \r.
      const isSecond = piece === "\n" && this.last === "\r";
      this.last = piece;
      if (!isSecond) this.reader(piece === "\n" ? "\r" : piece);
    }
    if (this.reader !== undefined) return;
    const interrupted = this.typed.indexOf(INTERRUPT);
    if (interrupted >= 0 && this.giveUpCompletion !== undefined) {
      // For the line that is edited, with what was typed before it.
      this.typed = this.typed.slice(interrupted);
      this.giveUpCompletion();
    } else if (interrupted >= 0) {
      this.typed = this.typed.slice(interrupted + 1);
      this.onInterrupt();
    }
    this.typed = this.typed.slice(0, LONGEST_LINE);
  }

  /** Reads no more until the client has what its keys draw: they may draw a thousand times what they are. */
  private waitForClient(): void {
    this.isWaiting = true;
    this.channel.pause();
    void this.output.caughtUp().then(() => {
      this.isWaiting = false;
      this.channel.resume();
      this.receive("");
    });
  }

  dropInput(): void {
    this.typed = "";
  }

  /** Ends what reads from the terminal. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    if (this.reader !== undefined) this.endReading();
  }
}
