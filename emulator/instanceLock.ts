import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { LockHeldError, takeLock } from "../certs/exclusiveLock";

/** Another process uses the state folder. */
export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError";
}

/**
 * Creates a state folder and makes this process the only one on it; returns the function that releases it. Throws
 * AlreadyRunningError with the other's process ID.
 */
export function lockFolder(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The folder may have existed with another mode: its database has every key of the local Azure.
  chmodSync(directory, 0o700);
  try {
    return takeLock(join(directory, "lock.db"), join(directory, "pid"));
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const process = cause.holder === undefined ? "" : ` (process ${cause.holder})`;
    throw new AlreadyRunningError(
      `Another local Azure${process} already runs on ${directory}. To fix: stop that process (in a checkout: \`npm run local -- stop\`), or use another folder.`,
      { cause },
    );
  }
}
