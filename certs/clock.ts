/** Where the time comes from. Everything that issues or judges takes one, so that a test or a shifted local Azure sets it. */
export interface Clock {
  /** The present moment. */
  now(): Date;
}

/** Milliseconds in a day. */
export const DAY_MS = 86_400_000;

/** The clock of this machine. */
export const systemClock: Clock = Object.freeze({ now: () => new Date() });
