import { once } from "node:events";
import { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** Characters for one client in a turn of the event loop: a key in the middle of a long line draws all of it again. */
const MOST_WRITTEN = 262_144;

/** Size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The screen of a client's terminal in raw mode, as node:readline needs it. */
export class TerminalOutput extends Writable {
  columns: number;
  rows: number;
  /** Characters written in this turn of the event loop. */
  private written = 0;
  private isResizing = false;

  constructor(
    private readonly channel: Writable,
    size: TerminalSize,
  ) {
    super({ decodeStrings: false });
    this.columns = size.columns;
    this.rows = size.rows;
  }

  /** The client's window has a new size. The line is drawn again once in a turn of the event loop, however often that is. */
  resize({ columns, rows }: TerminalSize): void {
    this.columns = columns;
    this.rows = rows;
    if (this.isResizing) return;
    this.isResizing = true;
    void this.caughtUp().then(() => {
      this.isResizing = false;
      this.emit("resize");
    });
  }

  /** Whether more was written than a client may be sent at once, or than it has read. */
  get isBehind(): boolean {
    return this.written > MOST_WRITTEN || this.channel.writableNeedDrain;
  }

  /** Until others had their turn, and the client has read what it was sent, or is gone. */
  async caughtUp(): Promise<void> {
    await setImmediate();
    if (this.channel.writableNeedDrain) {
      const gone = new AbortController();
      const end = (): void => gone.abort();
      this.channel.once("close", end);
      await once(this.channel, "drain", { signal: gone.signal }).catch(() => undefined);
      this.channel.off("close", end);
    }
    this.written = 0;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    // The client's terminal is raw, so a line break needs its carriage return.
    this.written += chunk.length;
    this.channel.write(chunk.toString().replace(/\r?\n/g, "\r\n"));
    done();
  }
}
