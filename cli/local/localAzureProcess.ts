import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { alive, withLock } from "../../bootstrap/lock.cjs";
import { progress } from "../../bootstrap/progress.cjs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { Paths } from "../checkoutPaths";
import { control, isLocalAzure } from "./controlClient";
import { type Ready, readReady, readyFile } from "./readyFile";

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

async function checkPorts(azure: string): Promise<void> {
  for (const [name, port] of Object.entries(rememberedPorts(azure))) {
    if (!(await free(port))) throw portTaken(name, port, azure);
  }
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
    "see the whole log: npm run local -- logs",
    "begin with an empty local Azure: npm run down, then npm run up",
  ]);
}

async function launch({ paths, program, patience = 60_000 }: LocalOptions): Promise<Ready> {
  const { azure, root } = paths;
  mkdirSync(azure, { recursive: true, mode: 0o700 });
  await checkPorts(azure);
  rmSync(readyFile(azure), { force: true });
  const log = logFile(azure);
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.1`);
  const output = openSync(log, "a", 0o600);
  const from = statSync(log).size;
  const hook = join(root, "bootstrap", "typescript.cjs");
  const main = program ?? ["-r", hook, join(root, "emulator", "main.ts")];
  // Detached: a group of its own, so that Ctrl-C at the terminal does not reach it and it outlives this command.
  const child = spawn(process.execPath, [...main, "--dir", azure], {
    cwd: root,
    detached: true,
    stdio: ["ignore", output, output],
    windowsHide: true,
  });
  closeSync(output);
  child.unref();
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
  });
  const limit = Date.now() + patience;
  while (Date.now() < limit) {
    if (ended !== undefined) throw failedStart(azure, from, ended);
    const ready = readReady(azure);
    if (ready !== undefined && ready.pid === child.pid && (await isLocalAzure(ready))) return ready;
    await pause(20);
  }
  if (child.pid !== undefined) kill(child.pid);
  throw failedStart(azure, from, `it was not ready after ${Math.round(patience / 1000)} seconds`);
}

/** The local Azure, started in the background unless it runs. Errors: SetupError PORT_TAKEN, LOCAL_AZURE_FAILED. */
export async function started(options: LocalOptions): Promise<Ready> {
  const now = await running(options.paths);
  if (now !== undefined) return now;
  const step = progress("Starting the local Azure");
  try {
    // Outside `.local/azure`, which a reset by the user may remove.
    return await withLock(join(options.paths.local, "start.lock"), async () => {
      const other = await running(options.paths);
      if (other !== undefined) return other;
      const ready = await launch(options);
      step.done(`running, process ${ready.pid}`);
      return ready;
    });
  } finally {
    step.quiet();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended in the meantime.
  }
}

/** Stops the local Azure; false when it was not running. State stays, and the next start goes on from it. */
export async function stopped({ paths, patience = 10_000 }: LocalOptions): Promise<boolean> {
  const ready = await running(paths);
  if (ready === undefined) {
    rmSync(readyFile(paths.azure), { force: true });
    return false;
  }
  const step = progress("Stopping the local Azure");
  try {
    // By request and not by signal: Windows has no SIGTERM, a process is only ever killed there.
    await control(ready, "POST", "/shutdown").catch(() => undefined);
    const limit = Date.now() + patience;
    while (alive(ready.pid) && Date.now() < limit) await pause(20);
    if (alive(ready.pid)) kill(ready.pid);
    while (alive(ready.pid)) await pause(20);
    rmSync(readyFile(paths.azure), { force: true });
    return true;
  } finally {
    step.quiet();
  }
}
