import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The checkout that is measured. */
export const ROOT = resolve(__dirname, "..", "..");
/** What lets Node run TypeScript, as the product's own processes: ts-node itself loads `node:domain`, which slows every event. */
export const HOOK = join(ROOT, "bootstrap", "typescript.cjs");

/** Whether a process is over, by an exit or by a signal. */
export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Runs a whole process quietly; returns its wall time in seconds; a failure throws with what it printed. */
export function timed(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<number> {
  const start = process.hrtime.bigint();
  return new Promise((done, fail) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed = (printed + text).slice(-8_000);
      });
    }
    child.once("error", fail);
    child.once("close", (code) => {
      if (code === 0) done(Number(process.hrtime.bigint() - start) / 1e9);
      else fail(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${printed}`));
    });
  });
}

/** Runs `work` with a folder that is gone afterwards, below `parent` (default: the system's folder for such). */
export async function withFolder<T>(work: (folder: string) => Promise<T>, parent = tmpdir()): Promise<T> {
  const folder = mkdtempSync(join(parent, "zero-touch-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies the checkout's own files, those not yet committed too, to a new place; `without` some of its folders. */
export function copySources(target: string, without: readonly string[] = []): void {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const files = listed.toString().split("\0").filter(Boolean);
  const made = new Set<string>();
  for (const file of files) {
    if (without.some((folder) => file.startsWith(`${folder}/`))) continue;
    // One that was deleted is listed until that is committed.
    if (!existsSync(join(ROOT, file))) continue;
    const folder = dirname(join(target, file));
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    copyFileSync(join(ROOT, file), join(target, file));
  }
}

/** The same with the installed packages linked: its `.local` is its own. */
export function copyCheckout(target: string, without: readonly string[] = []): void {
  copySources(target, without);
  symlinkSync(join(ROOT, "node_modules"), join(target, "node_modules"), "junction");
}

/** A copy of the checkout with a local Azure of its own. */
export interface Checkout {
  /** The folder around it, which is gone afterwards. */
  readonly folder: string;
  readonly checkout: string;
  /** Runs a command of it; returns its wall time in seconds. */
  zero(...args: string[]): Promise<number>;
}

/** Runs `work` with a copy of the checkout, which is taken down at the end. */
export function withCheckout<T>(work: (checkout: Checkout) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const checkout = join(folder, "checkout");
    copyCheckout(checkout);
    const zero = (...args: string[]) => timed(process.execPath, ["cli/zero-touch.cjs", ...args], { cwd: checkout });
    try {
      return await work({ folder, checkout, zero });
    } finally {
      await zero("down");
    }
  });
}

/** The environment that `npm run -s env` of a checkout gives a shell. Needs bash. */
export function shellEnvironment(checkout: string): NodeJS.ProcessEnv {
  const script = `eval "$(node cli/zero-touch.cjs env)" && exec "${process.execPath}" -p 'JSON.stringify(process.env)'`;
  return JSON.parse(execFileSync("bash", ["-c", script], { cwd: checkout }).toString()) as NodeJS.ProcessEnv;
}
