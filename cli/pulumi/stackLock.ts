import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { alive } from "../../bootstrap/lock.cjs";
import { progress } from "../../bootstrap/progress.cjs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";

/** A lock of Pulumi's file backend: who changes the stack. */
export interface StackLock {
  readonly file: string;
  readonly pid: number;
  readonly hostname: string;
}

/** What a lock is: left by a dead process of this machine, held by a live one, or another machine's. */
export type Verdict = "dead" | "live" | "foreign";

/** Judges one lock. `program` returns the name of the program that has a process id, undefined when nothing runs there. */
export function judge(lock: StackLock, host: string, program: (pid: number) => string | undefined): Verdict {
  if (lock.hostname !== host) return "foreign";
  const name = program(lock.pid);
  // After a restart of the machine the id may be another program's.
  return name === undefined || !/pulumi/i.test(name) ? "dead" : "live";
}

/** The name of the program with that process id; "pulumi" where the system will not say, which keeps the lock. */
export function programOf(pid: number): string | undefined {
  if (!alive(pid)) return undefined;
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    // Asked for only when a lock was found. Not tried on Windows and macOS; both commands are documented.
    if (process.platform === "win32") {
      return execFileSync("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"], { encoding: "utf8" });
    }
    return execFileSync("ps", ["-p", String(pid), "-o", "comm="], { encoding: "utf8" }).trim();
  } catch {
    return "pulumi";
  }
}

/** Folder of the locks of the stack `dev`. */
export function lockFolder(paths: Pick<Paths, "state">): string {
  return join(paths.state, ".pulumi", "locks", "organization", PROJECT, STACK);
}

/** The locks on the stack. A file that cannot be read belongs to a CLI killed while it wrote it: pid 0, never alive. */
export function locks(paths: Pick<Paths, "state">, host: string = hostname()): readonly StackLock[] {
  let names: readonly string[];
  try {
    names = readdirSync(lockFolder(paths));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const file = join(lockFolder(paths), name);
      try {
        const { pid, hostname } = JSON.parse(readFileSync(file, "utf8")) as { pid: number; hostname: string };
        return { file, pid, hostname };
      } catch {
        return { file, pid: 0, hostname: host };
      }
    });
}

/** How locks are judged, and how long to wait; the options are for tests. */
export interface LockOptions {
  readonly program?: (pid: number) => string | undefined;
  readonly host?: string;
}

/**
 * Takes away the locks that dead processes left; returns how many, and the locks that stay. Not by `pulumi cancel`, which
 * removes every lock: one that a live process takes at this moment must stay.
 */
export function releaseDeadLocks(
  paths: Pick<Paths, "state">,
  { program = programOf, host = hostname() }: LockOptions = {},
): { readonly released: number; readonly held: readonly StackLock[] } {
  let released = 0;
  const held: StackLock[] = [];
  for (const lock of locks(paths, host)) {
    if (lock.pid !== 0 && judge(lock, host, program) !== "dead") {
      held.push(lock);
      continue;
    }
    rmSync(lock.file, { force: true });
    rmSync(`${lock.file}.attrs`, { force: true });
    released += 1;
  }
  return { released, held };
}

/**
 * Frees the stack: dead locks are released, a live run (a second terminal, or a CLI that outlived its killed `npm run`) is
 * waited for. Returns whether a dead lock was found. Errors: SetupError STACK_LOCKED after `patience` milliseconds.
 */
export async function freeStack(
  paths: Pick<Paths, "state">,
  { patience = 120_000, ...options }: LockOptions & { readonly patience?: number } = {},
): Promise<boolean> {
  let { released, held } = releaseDeadLocks(paths, options);
  if (held.length === 0) return released > 0;
  const step = progress(`Waiting for process ${held[0]?.pid}, which is changing the stack`);
  try {
    const limit = Date.now() + patience;
    let found = released;
    while (held.length > 0 && Date.now() < limit) {
      await pause(100);
      ({ released, held } = releaseDeadLocks(paths, options));
      found += released;
    }
    const [lock] = held;
    if (lock === undefined) return found > 0;
    throw new SetupError(
      "STACK_LOCKED",
      `The stack ${STACK} is being changed by another run.`,
      `Process ${lock.pid} on ${lock.hostname} holds its lock.`,
      [`wait until it ends, or end it (process ${lock.pid}), then run this again`],
    );
  } finally {
    step.quiet();
  }
}
