import { type ChildProcess, spawn } from "node:child_process";
import { constants, getPriority, setPriority } from "node:os";
import type { Readable } from "node:stream";
import { SetupError } from "../bootstrap/setupError.cjs";

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Sees the program's stderr line by line and says what to print of it; without it stderr is inherited. */
  readonly stderr?: LineFilter;
  /** The same for stdout. The program sees a pipe then, and no terminal. */
  readonly stdout?: LineFilter;
  /** How much more than this process the program and what it starts give way to others; 0 by default. */
  readonly niceness?: number;
  /**
   * Interrupts the program when this process's parent has ended: npm hands SIGTERM to the shell of a script only, which ends
   * without a word to us (POSIX). Default false.
   */
  readonly endsWithParent?: boolean;
}

/** How often the parent is looked for, in milliseconds: the system sends no word of its end. */
const PARENT_MS = 500;

/** What to print in place of a line; undefined for nothing. */
export type LineFilter = (line: string) => string | undefined;

/** The exit code of a child: its own, or 128 + the signal's number as shells count. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0);
}

/**
 * Hands signals on so that the child sees an interrupt once, and is killed by the second. At a terminal the kernel has
 * sent Ctrl-C to the whole foreground group already, so nothing is sent again; elsewhere the child has a group of its own
 * (POSIX) and gets it from here. SIGTERM and SIGHUP reach Pulumi as an interrupt too: that is what it stops cleanly for.
 * The returned function stops the forwarding and returns the first signal.
 */
function forwardSignals(
  child: ChildProcess,
  { ownGroup, endsWithParent }: { readonly ownGroup: boolean; readonly endsWithParent: boolean },
): () => NodeJS.Signals | undefined {
  let interrupts = 0;
  let first: NodeJS.Signals | undefined;
  const send = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      if (ownGroup) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // The child ended in the meantime.
    }
  };
  const handle = (signal: NodeJS.Signals) => {
    interrupts += 1;
    first ??= signal;
    if (interrupts > 1) send("SIGKILL");
    else if (signal !== "SIGINT" || ownGroup) send("SIGINT");
  };
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, handle);
  const parent = process.ppid;
  const watchParent = (): void => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    handle("SIGTERM");
  };
  const watch = endsWithParent ? setInterval(watchParent, PARENT_MS) : undefined;
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, handle);
    return first;
  };
}

/** Prints what comes on a piped stream through the filter, line by line; the returned function prints the unfinished last line. */
function filtered(from: Readable | null, filter: LineFilter | undefined, to: NodeJS.WriteStream): () => void {
  let rest = "";
  const print = (line: string) => {
    const shown = filter?.(line);
    if (shown !== undefined) to.write(`${shown}\n`);
  };
  from?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) print(line);
  });
  return () => {
    if (rest !== "") print(rest);
  };
}

/**
 * Runs a program in the foreground with our stdin and stdout; returns its exit code. One that failed after it was
 * interrupted counts as shells count it, 130 for Ctrl-C, whatever code it chose (Pulumi's is 1). Never through a shell.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  const ownGroup = process.platform !== "win32" && process.stdin.isTTY !== true;
  const stdio = (filter: LineFilter | undefined) => (filter === undefined ? "inherit" : "pipe");
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["inherit", stdio(options.stdout), stdio(options.stderr)],
      detached: ownGroup,
    });
    if (options.niceness !== undefined && child.pid !== undefined) {
      setPriority(child.pid, Math.min(getPriority() + options.niceness, 19));
    }
    const release = forwardSignals(child, { ownGroup, endsWithParent: options.endsWithParent === true });
    const endings = [
      filtered(child.stdout, options.stdout, process.stdout),
      filtered(child.stderr, options.stderr, process.stderr),
    ];
    child.once("error", (error) => {
      release();
      reject(error);
    });
    child.once("close", (code, signal) => {
      const interrupt = release();
      for (const end of endings) end();
      resolve(code !== 0 && signal === null && interrupt ? exitCode(null, interrupt) : exitCode(code, signal));
    });
  });
}

/** How a program is run for its output. */
export interface OutputOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until the program is killed; none by default. */
  readonly timeout?: number;
  /** Sees what comes on stdout and stderr as it comes. */
  readonly watch?: (text: string) => void;
}

/**
 * Runs a program quietly; returns its stdout. Errors: SetupError PROGRAM_FAILED with the last lines it printed on stderr,
 * and the system's own (ENOENT) when it cannot be started.
 */
export function output(command: string, args: readonly string[], options: OutputOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeout,
      windowsHide: true,
    });
    let out = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      options.watch?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-20_000);
      options.watch?.(text);
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(out);
      const tail = (errors.trim() || out.trim()).split("\n").slice(-8).join("\n");
      const how = signal === null ? `code ${code}` : signal;
      reject(
        new SetupError(
          "PROGRAM_FAILED",
          `${command} ${args[0] ?? ""} failed (${how}).`,
          tail || "It printed nothing.",
          ["fix the errors above and run this again"],
        ),
      );
    });
  });
}
