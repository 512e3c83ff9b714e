/** A step that is under way; shown on stderr from its second second on. */
export interface Progress {
  /** What is being done at the moment, put behind the elapsed time. */
  update(detail: string): void;
  /** Ends the step with one line: label, result (default "done"), elapsed time. */
  done(result?: string): void;
  /** Ends the step without a line; for a failure whose message follows, or a step not worth one. */
  quiet(): void;
}
/** Where and by which clock progress is shown. `expected` is a hint such as "about 4 minutes". */
export interface ProgressOptions {
  readonly stream?: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly now?: () => number;
  readonly expected?: string;
  /** Milliseconds until it is first shown; default 1,000. */
  readonly quietMs?: number;
}
/** Begins a step. Nothing is printed for a step that ends within a second, save its `done` line. */
export declare function progress(label: string, options?: ProgressOptions): Progress;
/** A duration in milliseconds for people: `7.0 s`, `42 s`, `2 min 5 s`. */
export declare function seconds(ms: number): string;
