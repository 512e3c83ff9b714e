import type { JournalEntry } from "./fleetJournal";

/** Milliseconds between two lines: on a terminal, where a line replaces the one before it, and elsewhere. */
const LIVE_MS = 200;
const PLAIN_MS = 10_000;

/** Where the progress of a fleet is shown. */
export interface ProgressOutput {
  write(text: string): unknown;
  /** Whether a line may replace the one before it. */
  readonly isLive: boolean;
  /** Milliseconds. */
  now(): number;
}

/** Shows the progress of a fleet: one line on a terminal, a line every ten seconds elsewhere. */
export class FleetProgressLine {
  #registered: number;
  #failed = 0;
  #added = 0;
  #shownAt: number;
  readonly #start: number;

  /** `total` devices, of which `before` were registered by earlier runs. */
  constructor(
    private readonly output: ProgressOutput,
    private readonly total: number,
    before: number,
  ) {
    this.#registered = before;
    this.#start = output.now();
    this.#shownAt = this.#start;
  }

  /** Counts an entry, and shows the line if it is time. */
  add({ event }: JournalEntry): void {
    if (event === "registered") {
      this.#registered += 1;
      this.#added += 1;
    }
    if (event === "failed") this.#failed += 1;
    const { isLive } = this.output;
    if (this.output.now() - this.#shownAt >= (isLive ? LIVE_MS : PLAIN_MS))
      this.#show(isLive ? "\r" : "", isLive ? "\u001b[K" : "\n");
  }

  /** Shows the last state. */
  end(): void {
    if (this.output.isLive) this.#show("\r", "\u001b[K\n");
  }

  #show(before: string, after: string): void {
    const now = this.output.now();
    this.#shownAt = now;
    const seconds = (now - this.#start) / 1000;
    const rate = seconds > 0 ? `, ${(this.#added / seconds).toFixed(1)} a second` : "";
    const failed = this.#failed === 0 ? "" : `, ${this.#failed} failed`;
    this.output.write(`${before}${this.#registered} of ${this.total} devices registered${failed}${rate}${after}`);
  }
}
