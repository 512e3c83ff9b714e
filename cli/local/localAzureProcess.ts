import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { alive, withLock } from "../../bootstrap/lock.cjs";
import { progress } from "../../bootstrap/progress.cjs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { isLocked } from "../../certs/exclusiveLock";
import type { Paths } from "../checkoutPaths";
import { control, isLocalAzure } from "./controlClient";
import { type Ready, readReady, readyFile } from "./readyFile";
import { type Seen, startStep, stopStep } from "./startAndStop";

/** A log longer than this (bytes) is put aside at the next start; one older log is kept. */
const LOG_LIMIT = 10_000_000;

/** What the start and stop of the local Azure depend on; the tests put a small program in the place of the real one. */
export interface LocalOptions {
  readonly paths: Paths;
  /** Arguments of Node: the program and what precedes it. */
  readonly program?: readonly string[];
  /** Milliseconds until a start counts as failed (default 60,000) and a stop becomes a kill (default 10,000). */
  readonly patience?: number;
}

/** The log of the local Azure: all that the process prints. */
export function logFile(azure: string): string {
  return join(azure, "log");
}

/** The running local Azure of this checkout, undefined when it does not run or another process has its ID. */
export async function running(paths: Paths): Promise<Ready | undefined> {
  const ready = readReady(paths.azure);
  return ready !== undefined && (await isLocalAzure(ready)) ? ready : undefined;
}

/** The ports of ports.json, by name; empty before the first start. */
export function rememberedPorts(azure: string): Readonly<Record<string, number>> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(azure, "ports.json"), "utf8"));
    const entries = Object.entries(value as object).filter((entry) => Number.isInteger(entry[1]) && entry[1] > 0);
    return Object.fromEntries(entries) as Record<string, number>;
  } catch {
    return {};
  }
}

function free(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The message for a port that another program holds. */
export function portTaken(name: string, port: number, azure: string): SetupError {
  return new SetupError(
    "PORT_TAKEN",
    `Port ${port} (${name}) of the local Azure is taken by another program.`,
    `This checkout chose its ports once and remembers them in ${join(azure, "ports.json")}.`,
    [
      `end the program that listens on 127.0.0.1:${port}`,
      `delete ${join(azure, "ports.json")}: the next start picks free ports (run \`npm run -s env\` again in open shells)`,
    ],
  );
}

async function takenPort(azure: string): Promise<SetupError | undefined> {
  for (const [name, port] of Object.entries(rememberedPorts(azure))) {
    if (!(await free(port))) return portTaken(name, port, azure);
  }
  return undefined;
}

/** The last lines of the log from the byte where this start began. */
function logTail(azure: string, from: number): string {
  try {
    return readFileSync(logFile(azure)).subarray(from).toString("utf8").trim().split("\n").slice(-12).join("\n");
  } catch {
    return "";
  }
}

function failedStart(azure: string, from: number, how: string): SetupError {
  const tail = logTail(azure, from);
  const port = /EADDRINUSE[^\n]*?:(\d+)/.exec(tail)?.[1];
  if (port !== undefined) {
    const name = Object.entries(rememberedPorts(azure)).find((entry) => entry[1] === Number(port))?.[0] ?? "listener";
    return portTaken(name, Number(port), azure);
  }
  return new SetupError("LOCAL_AZURE_FAILED", `The local Azure did not start: ${how}.`, tail || "It printed nothing.", [
    "run this again: it goes on from the state that is stored",
    "see the whole log: npm run local -- logs",
  ]);
}

/** A process that this command launched. */
interface Launched {
  readonly pid: number | undefined;
  /** Length of the log before it. */
  readonly from: number;
  /** How it ended, in words; undefined while it runs. */
  ended?: string;
}

/** Names the process that was launched last, until it holds the lock. */
const launchFile = (paths: Paths): string => join(paths.local, "launched");

function launch({ paths, program }: LocalOptions): Launched {
  const { azure, root } = paths;
  mkdirSync(azure, { recursive: true, mode: 0o700 });
  const log = logFile(azure);
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.1`);
  const output = openSync(log, "a", 0o600);
  const hook = join(root, "bootstrap", "typescript.cjs");
  const main = program ?? ["-r", hook, join(root, "emulator", "main.ts"), "--launched", launchFile(paths)];
  const from = statSync(log).size;
  // Detached: a group of its own, so that Ctrl-C at the terminal does not reach it and it outlives this command.
  const child = spawn(process.execPath, [...main, "--dir", azure], {
    cwd: root,
    detached: true,
    stdio: ["ignore", output, output],
    windowsHide: true,
  });
  if (child.pid !== undefined) {
    // Whole or not at all: an empty file, of a command that is killed here, would say that nothing was launched.
    const file = launchFile(paths);
    writeFileSync(`${file}.new`, `${child.pid}\n`);
    renameSync(`${file}.new`, file);
  }
  closeSync(output);
  child.unref();
  const launched: Launched = { pid: child.pid, from };
  child.once("error", (error) => {
    launched.ended = error.message;
  });
  child.once("exit", (code, signal) => {
    launched.ended = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
  });
  return launched;
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
    return pid > 0 && alive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A launched process takes the lock within this time (milliseconds); later its ID may be another program's. */
const LAUNCH_LIMIT = 60_000;

/**
 * The process that uses this checkout's folder without a ready.json: it starts, ends, or lost the file. `pid` is undefined
 * while the holder of the lock has not written it down.
 */
export function busy(paths: Paths): { readonly pid: number | undefined } | undefined {
  if (isLocked(join(paths.azure, "lock.db"))) return { pid: pidIn(join(paths.azure, "pid")) };
  const file = launchFile(paths);
  const pid = pidIn(file);
  if (pid === undefined) return undefined;
  try {
    return Date.now() - statSync(file).mtimeMs < LAUNCH_LIMIT ? { pid } : undefined;
  } catch {
    return undefined;
  }
}

async function startUnderLock(options: LocalOptions): Promise<Ready> {
  const { paths, patience = 60_000 } = options;
  const limit = Date.now() + patience;
  let child: Launched | undefined;
  let before: Seen | undefined;
  for (;;) {
    const ended = child?.ended;
    const ready = await running(paths);
    const other = ready ?? busy(paths);
    const taken = other === undefined && ended === undefined ? await takenPort(paths.azure) : undefined;
    const wasBeaten =
      child !== undefined && /Another local Azure|The state folder was deleted/.test(logTail(paths.azure, child.from));
    const seen: Seen = {
      running: ready !== undefined,
      busy: other !== undefined,
      portTaken: taken !== undefined,
      ended: ended === undefined ? undefined : wasBeaten ? "lost" : "failed",
      late: Date.now() > limit,
    };
    const step = startStep(seen, before);
    if (step === "use" && ready !== undefined) return ready;
    if (step === "portTaken" && taken !== undefined) throw taken;
    if (step === "failed" || step === "abandon") {
      if (other?.pid !== undefined) kill(other.pid, "SIGKILL");
      const how = step === "failed" ? ended : `it was not ready after ${Math.round(patience / 1000)} seconds`;
      throw failedStart(paths.azure, child?.from ?? 0, how ?? "it ended");
    }
    before = seen;
    if (step === "launch") child = launch(options);
    await pause(20);
  }
}

/**
 * The local Azure, started in the background unless it runs; one that an interrupted command has launched is waited for
 * and used. Errors: SetupError PORT_TAKEN, LOCAL_AZURE_FAILED.
 */
export async function started(options: LocalOptions): Promise<Ready> {
  const now = await running(options.paths);
  if (now !== undefined) return now;
  const step = progress("Starting the local Azure");
  try {
    // Outside `.local/azure`, which a reset by the user may remove.
    const ready = await withLock(join(options.paths.local, "start.lock"), () => startUnderLock(options));
    step.done(`running, process ${ready.pid}`);
    return ready;
  } finally {
    step.quiet();
  }
}

function kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended in the meantime.
  }
}

/** Stops the local Azure, one that is starting too; false when there was none. State stays, and the next start goes on from it. */
export async function stopped({ paths, patience = 10_000 }: LocalOptions): Promise<boolean> {
  const step = progress("Stopping the local Azure");
  const limit = Date.now() + patience;
  const asked = new Set<number>();
  try {
    for (let was = false; ; was = true) {
      const ready = await running(paths);
      const other = ready ?? busy(paths);
      const next = stopStep({ running: ready !== undefined, busy: other !== undefined, late: Date.now() > limit });
      if (next === "done") {
        if (readReady(paths.azure) === undefined) rmSync(readyFile(paths.azure), { force: true });
        return was;
      }
      const pid = other?.pid;
      if (pid !== undefined && (next === "kill" || !asked.has(pid))) {
        asked.add(pid);
        // By request where possible: Windows has no SIGTERM, a process is only ever killed there.
        if (next === "request" && ready) await control(ready, "POST", "/shutdown").catch(() => undefined);
        else kill(pid, next === "kill" ? "SIGKILL" : "SIGTERM");
      }
      while (pid !== undefined && alive(pid) && Date.now() < limit) await pause(20);
      await pause(5);
    }
  } finally {
    step.quiet();
  }
}
