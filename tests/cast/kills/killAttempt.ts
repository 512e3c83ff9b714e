import { SeededRandom } from "../fuzz/seededRandom";
import { type KillMoment, someMoment } from "./killMoment";
import { VICTIMS, type Victim } from "./runProcesses";
import { CREATION, DELETION, type StackChange, someChanges } from "./stackChanges";

/** An attempt to kill a command: all of it follows from the seed. */
export interface KillAttempt {
  readonly changes: readonly StackChange[];
  readonly command: "up" | "down";
  /** Whether the stack is destroyed before. */
  readonly isFresh: boolean;
  readonly moment: KillMoment;
  readonly victim: Victim;
  /** What goes on: `again` is the next attempt, with a kill of its own. */
  readonly next: "up" | "down" | "again";
  /** Changes between the kill and what goes on. */
  readonly changesAfter: readonly StackChange[];
}

/** The attempt of a seed. */
export function killAttempt(seed: number): KillAttempt {
  const random = new SeededRandom(seed);
  const changes = someChanges(random);
  const kind = random.next();
  const command = kind < 0.15 ? "down" : "up";
  const isFresh = kind >= 0.15 && kind < 0.35;
  const changed = changes.flatMap(({ requests }) => requests);
  const requests = command === "down" ? DELETION : isFresh ? CREATION : changed;
  const moment = someMoment(random, requests);
  const victim = random.pick(VICTIMS);
  const way = random.next();
  const next = way < 0.5 ? "again" : command === "down" && way < 0.75 ? "down" : "up";
  const changesAfter = random.chance(0.2) ? someChanges(random) : [];
  return { changes, command, isFresh, moment, victim, next, changesAfter };
}
