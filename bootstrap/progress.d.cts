/** A running step; shown on stderr after its first second. */
export interface Progress {
  /** Sets the current detail, shown after the elapsed time. */
  update(detail: string): void;
  /** Ends the step with a line: label, result (default "done"), elapsed time. */
  done(result?: string): void;
  /** Ends the step without a line, for example before an error message. */
  quiet(): void;
}
/** Output and clock of a step. `expected` is a hint such as "about 4 minutes". */
export interface ProgressOptions {
  readonly stream?: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly now?: () => number;
  readonly expected?: string;
  /** Milliseconds before it is shown; default 1,000. */
  readonly quietMs?: number;
}
/** Begins a step. For a step that ends within a second, only its `done` line is printed. */
export declare function progress(label: string, options?: ProgressOptions): Progress;
/** Formats milliseconds: `7.0 s`, `42 s`, `2 min 5 s`. */
export declare function seconds(ms: number): string;
