import type { Clock } from "../../kernel/clock";
import type { Switches } from "../../kernel/services";
import type { DpsFail } from "../errors";

/** So many things per window and key; windows are aligned to the clock. */
export class Throttle {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #counts = new Map<string, number>();
  #window = Number.NaN;

  constructor(clock: Clock, limit: number, windowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Counts one; answers 0 when it may pass, else how many whole seconds to wait. */
  take(key: string): number {
    const now = this.#clock.now().getTime();
    const window = Math.floor(now / this.#windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > this.#limit) return Math.max(1, Math.ceil(((window + 1) * this.#windowMs - now) / 1000));
    this.#counts.set(key, count);
    return 0;
  }
}

/** Counts one call where throttling is on. Throws 429001 with Retry-After, in seconds. */
export function refuseThrottled(
  throttle: Throttle,
  key: string,
  parts: { readonly switches: Switches; readonly fail: DpsFail },
): void {
  const wait = parts.switches.throttling ? throttle.take(key) : 0;
  if (wait > 0) throw parts.fail("throttled", "Too many requests.", { headers: { "retry-after": String(wait) } });
}
