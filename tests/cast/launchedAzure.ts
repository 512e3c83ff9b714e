import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Ready } from "../../emulator/contract/ready";
import { callControl, environmentOf, newAzureFolder, type TestAzure } from "./localAzure";

/** A local Azure as a process of its own. */
export interface LaunchedAzure extends TestAzure {
  /** Ends it at once, as `kill -9` does; `restart` then continues with its folder. */
  kill(): Promise<void>;
  /** Waits until its process has ended. */
  ended(): Promise<void>;
  /** Starts it again on the same folder: same ports, a new control token. */
  restart(): Promise<void>;
  /** Waits until its output matches: a log line can follow the response that it belongs to. */
  printed(pattern: RegExp): Promise<void>;
}

const ROOT = join(__dirname, "..", "..");
/** Milliseconds until a start counts as failed. */
const TIMEOUT_MS = 120_000;

interface Running {
  readonly ready: Ready;
  readonly log: () => string;
  readonly printed: (pattern: RegExp) => Promise<void>;
  readonly exited: Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
}

function launch(directory: string): Promise<Running> {
  const main = ["-r", join(ROOT, "bootstrap", "typescript.cjs"), join(ROOT, "emulator", "main.ts"), "--dir", directory];
  const child = spawn(process.execPath, main, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const waiting = new Set<() => void>();
  const exited = new Promise<void>((done) => child.once("close", () => done()));
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((done) => {
      const look = (): void => {
        if (!pattern.test(printed)) return;
        waiting.delete(look);
        done();
      };
      waiting.add(look);
      look();
    });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the local Azure did not start: ${why}\n${printed}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("no sign of life in time");
    }, TIMEOUT_MS);
    let started = false;
    const collect = (chunk: Buffer): void => {
      printed += chunk.toString("utf8");
      for (const look of waiting) look();
      if (started || !printed.includes("the local Azure listens")) return;
      started = true;
      clearTimeout(timer);
      const ready: Ready = JSON.parse(readFileSync(join(directory, "ready.json"), "utf8"));
      const end = (signal: NodeJS.Signals): Promise<void> => {
        child.kill(signal);
        return exited;
      };
      resolve({ ready, log: () => printed, printed: seen, exited, end });
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    void exited.then(() => {
      clearTimeout(timer);
      fail(`it ended with code ${child.exitCode}`);
    });
  });
}

/** Starts a local Azure as a process of its own: one to two seconds. */
export async function launchTestAzure(): Promise<LaunchedAzure> {
  const directory = await newAzureFolder();
  let running = await launch(directory);
  return {
    directory,
    get ready() {
      return running.ready;
    },
    get env() {
      return environmentOf(running.ready);
    },
    control: (method, path, body) => callControl(running.ready, method, path, body),
    kill: () => running.end("SIGKILL"),
    ended: () => running.exited,
    async restart() {
      running = await launch(directory);
    },
    log: () => running.log(),
    printed: (pattern) => running.printed(pattern),
    async close() {
      await running.end("SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
