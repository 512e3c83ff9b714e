import type { Clock } from "../../certs/clock";

/** The local Azure's time, used for every expiry, validity and time stamp in place of `Date`. */
export type { Clock };

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

/** Seconds in a day. */
export const DAY_SECONDS = 86_400;

/** The Unix time of a date: whole seconds since 1970. */
export const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1000);

/** The date of a Unix time. */
export const dateOf = (seconds: number): Date => new Date(seconds * 1000);

/** The current Unix time. */
export const unixSeconds = (clock: Clock): number => secondsOf(clock.now());

/** ISO 8601 with seven fraction digits, as DPS and IoT Hub write times. */
export const sevenDigits = (at: Date): string => at.toISOString().replace("Z", "0000Z");

/** The current time as in Azure's error messages: `2026-01-31 12:00:00Z`. */
export const errorTimestamp = (clock: Clock): string =>
  dateOf(unixSeconds(clock)).toISOString().replace("T", " ").replace(".000Z", "Z");
