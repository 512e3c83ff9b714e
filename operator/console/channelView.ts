import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { ClientChannel } from "../server/clientConnection";
import type { SessionConsole } from "./sessionConsole";
import { StreamConsole } from "./streamConsole";
import { TerminalConsole } from "./terminalConsole";

/** A channel of a client as a console, with the signal of its running command and an end to idle waiting. */
export class ChannelView {
  readonly channel: ClientChannel["channel"];
  /** Undefined without a terminal. */
  readonly terminal: TerminalConsole | undefined;
  private readonly streams: StreamConsole;
  /** Aborts when the channel is closed. */
  private readonly closing = new AbortController();
  private command = new AbortController();
  private readonly idle: NodeJS.Timeout;

  constructor({ channel, terminal, onResize }: ClientChannel, idleMs: number, idled: () => void) {
    this.channel = channel;
    this.streams = new StreamConsole(channel, terminal === undefined);
    if (terminal !== undefined) {
      const view = new TerminalConsole(channel, terminal, () => this.command.abort());
      onResize((size) => view.resize(size));
      this.terminal = view;
    }
    channel.on("close", () => {
      this.closing.abort();
      this.command.abort();
    });
    this.idle = setInterval(() => {
      // A command may take as long as it takes.
      if (this.console.isReading) idled();
    }, idleMs);
    channel.on("data", () => this.idle.refresh());
  }

  get console(): SessionConsole {
    return this.terminal ?? this.streams;
  }

  get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** The next line of standard input, without a terminal; undefined at its end. */
  nextLine(): Promise<string | undefined> {
    return this.streams.readLine();
  }

  /** The signal of a new command: Ctrl+C, or the end of the channel. */
  beginCommand(): AbortSignal {
    this.command = new AbortController();
    if (this.signal.aborted) this.command.abort();
    return this.command.signal;
  }

  /**
   * Until other clients had their turn, and this one has read what it was shown: many lines at once neither keep the
   * endpoint from others nor fill its memory.
   */
  async nextTurn(): Promise<void> {
    const { channel, signal } = this;
    await setImmediate();
    for (const output of [channel, channel.stderr]) {
      if (output.writableNeedDrain) await once(output, "drain", { signal }).catch(() => undefined);
    }
  }

  /** After a command the time without input begins again. */
  endCommand(): void {
    this.idle.refresh();
  }

  /** Ends what reads input. */
  end(): void {
    this.console.end();
  }

  close(): void {
    clearInterval(this.idle);
    this.terminal?.close();
  }
}
