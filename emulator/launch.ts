import { setTimeout as pause } from "node:timers/promises";
import { readIfThere } from "./kernel/stateFile";

/** The command that launched this process ended before it noted the process ID. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}

/** Milliseconds for the command to note the process ID; it does so right after the launch. */
const TIMEOUT_MS = 2_000;

/**
 * Waits until `file` has this process's ID, written by the command that launched it: `npm run local -- stop` finds the
 * process by it. A command that is killed before that leaves no local Azure behind. Throws LaunchError.
 */
export async function noted(file: string, pid = process.pid, patience = TIMEOUT_MS): Promise<void> {
  for (const limit = Date.now() + patience; readIfThere(file)?.trim() !== String(pid); await pause(10)) {
    if (Date.now() > limit)
      throw new LaunchError(`The command that launched this local Azure ended before it wrote ${file}.`);
  }
}
