import { Writable } from "node:stream";

/** Size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The screen of a client's terminal in raw mode, as node:readline needs it. */
export class TerminalOutput extends Writable {
  columns: number;
  rows: number;

  constructor(
    private readonly channel: Writable,
    size: TerminalSize,
  ) {
    super({ decodeStrings: false });
    this.columns = size.columns;
    this.rows = size.rows;
  }

  /** The client's window has a new size. */
  resize({ columns, rows }: TerminalSize): void {
    this.columns = columns;
    this.rows = rows;
    this.emit("resize");
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    // The client's terminal is raw, so a line break needs its carriage return.
    this.channel.write(chunk.toString().replace(/\r?\n/g, "\r\n"));
    done();
  }
}
