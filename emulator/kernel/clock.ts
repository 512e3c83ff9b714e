/** Time as the local Azure sees it. Every expiry, validity and time stamp asks this, never `Date` itself. */
export interface Clock {
  now(): Date;
}

/** The machine's clock, moved by an offset that the control listener sets. */
export class ShiftableClock implements Clock {
  #offsetSeconds = 0;

  get offsetSeconds(): number {
    return this.#offsetSeconds;
  }

  /** Moves the clock: positive seconds into the future. */
  shift(offsetSeconds: number): void {
    this.#offsetSeconds = offsetSeconds;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetSeconds * 1000);
  }
}

/** Seconds since 1970, whole. */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now().getTime() / 1000);
