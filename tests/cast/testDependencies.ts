import { pino } from "pino";
import type { Clock } from "../../emulator/kernel/clock";
import { Database } from "../../emulator/kernel/database";
import type { Ids } from "../../emulator/kernel/ids";
import type { SharedDependencies } from "../../emulator/kernel/sharedDependencies";
import { NOW } from "./certs";

/** A clock that moves only when a test moves it. Default: the moment at which the tests' certificates are issued. */
export class HandClock implements Clock {
  #now: number;

  constructor(now = NOW) {
    this.#now = now.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves on by seconds; back by a negative number. */
  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

/** Ids that count: every one is another, and every run gives the same. */
export function countedIds(): Ids {
  let last = 0;
  const next = (digits: number): string => {
    last += 1;
    return last.toString(16).padStart(digits, "0");
  };
  return {
    guid: () => `00000000-0000-4000-8000-${next(12)}`,
    hex: (bytes) => next(bytes * 2),
    key: (bytes = 32) => Buffer.from(next(bytes)).toString("base64"),
  };
}

/** What the services of a test depend on: a store in memory, a clock that tests move, counted IDs, no log. */
export interface TestDependencies extends SharedDependencies {
  readonly clock: HandClock;
}

export function testDependencies(): TestDependencies {
  return {
    database: new Database(":memory:"),
    clock: new HandClock(),
    ids: countedIds(),
    switches: { throttling: false, realDelays: false },
    log: pino({ level: "silent" }),
  };
}
