import type { Clock } from "./clock";

/** Limits requests by key and window; windows are aligned to the clock. */
export class Throttle {
  readonly #counts = new Map<string, number>();
  #window = Number.NaN;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Counts a request; returns 0 when it is within the limit, otherwise the whole seconds to wait. */
  take(key: string): number {
    const now = this.clock.now().getTime();
    const window = Math.floor(now / this.windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > this.limit) return Math.max(1, Math.ceil(((window + 1) * this.windowMs - now) / 1000));
    this.#counts.set(key, count);
    return 0;
  }
}
