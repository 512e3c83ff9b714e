/** The local Azure's time, used for every expiry, validity and time stamp in place of `Date`. */
export interface Clock {
  now(): Date;
}

/** The machine's clock with an offset, which the control listener sets. */
export class ShiftableClock implements Clock {
  #offsetSeconds = 0;

  get offsetSeconds(): number {
    return this.#offsetSeconds;
  }

  /** Sets the offset; positive seconds are in the future. */
  shift(offsetSeconds: number): void {
    this.#offsetSeconds = offsetSeconds;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetSeconds * 1000);
  }
}

/** Seconds since 1970, whole. */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now().getTime() / 1000);
