import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { stateFile } from "../../../cli/pulumi/stackState";
import type { Checkout, RunningCommand } from "../checkout";
import type { SeededRandom } from "../fuzz/seededRandom";

/** Milliseconds for which a request is held: long enough to find and kill a process. */
const HOLD = 1000;

/** When a command is killed. */
export type KillMoment =
  /** At a request, the how manieth of its operation. `isLost`: Azure does not execute it; otherwise it does, after the kill. */
  | { readonly kind: "request"; readonly request: string; readonly occurrence: number; readonly isLost: boolean }
  /** When the engine has written its checkpoint so many times. */
  | { readonly kind: "checkpoint"; readonly count: number }
  /** Milliseconds after the command's start. */
  | { readonly kind: "time"; readonly ms: number };

/** A moment of a command that sends these requests. */
export function someMoment(random: SeededRandom, requests: readonly string[]): KillMoment {
  const kind = random.next();
  const request = random.pick(requests);
  const occurrence = random.chance(0.7) ? 1 : 2;
  const isLost = random.chance(0.4);
  const [count, ms] = [1 + random.below(12), random.below(5000)];
  if (kind < 0.65) return { kind: "request", request, occurrence, isLost };
  return kind < 0.85 ? { kind: "checkpoint", count } : { kind: "time", ms };
}

/** The moment in words. */
export function momentText(moment: KillMoment): string {
  if (moment.kind === "time") return `${moment.ms} ms after its start`;
  if (moment.kind === "checkpoint") return `at checkpoint ${moment.count}`;
  const { request, occurrence, isLost } = moment;
  return `at request ${occurrence} of ${request}, which Azure ${isLost ? "does not execute" : "executes"}`;
}

/** Prepares the moment. The local Azure runs where the moment is a request. */
export async function prepareMoment(checkout: Checkout, moment: KillMoment): Promise<void> {
  if (moment.kind !== "request") return;
  const [service = "", ...rest] = moment.request.split(" ");
  const target = { service, operation: rest.join(" ") };
  const before = moment.occurrence > 1 ? [{ ...target, delayMs: 0, times: moment.occurrence - 1 }] : [];
  const held = { ...target, delayMs: HOLD, ...(moment.isLost ? { status: 503 } : {}) };
  const { status, body } = await checkout.control("POST", "/faults", { faults: [...before, held] });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

/** Waits for the moment; returns false where the command ends without it. */
export async function reached(checkout: Checkout, moment: KillMoment, command: RunningCommand): Promise<boolean> {
  let isOver = false;
  void command.ended.then(() => {
    isOver = true;
  });
  const isNow = await watch(checkout, moment);
  while (!isOver) {
    if (await isNow()) return !isOver;
    await pause(2);
  }
  return false;
}

async function watch(checkout: Checkout, moment: KillMoment): Promise<() => boolean | Promise<boolean>> {
  if (moment.kind === "time") {
    const at = performance.now() + moment.ms;
    return () => performance.now() >= at;
  }
  if (moment.kind === "checkpoint") {
    const written = (): string => {
      const stat = statSync(stateFile(checkout.paths), { bigint: true, throwIfNoEntry: false });
      return `${stat?.ino} ${stat?.mtimeNs}`;
    };
    let [last, left] = [written(), moment.count];
    return () => {
      const now = written();
      if (now !== last) [last, left] = [now, left - 1];
      return left <= 0;
    };
  }
  return async () => {
    try {
      const { body } = await checkout.control("GET", "/faults");
      return (body as { faults: unknown[] }).faults.length === 0;
    } catch {
      // The command has stopped the local Azure.
      return false;
    }
  };
}

/** Waits until a held request of a killed client is over, and takes back a fault that no request met. */
export async function endMoment(checkout: Checkout, moment: KillMoment): Promise<void> {
  if (moment.kind !== "request") return;
  await pause(HOLD);
  try {
    await checkout.control("POST", "/faults", { faults: [] });
  } catch {
    // It is not running.
  }
}
