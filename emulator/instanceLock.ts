import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { readIfThere, writeWhole } from "./kernel/stateFile";

/** Another process owns the folder. */
export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError";
}

/**
 * Makes this process the only one on a state folder. The lock is the operating system's own, on a small database that
 * stays open in a transaction: it goes with the process however that ends, so no dead process is ever mistaken for a
 * live one. Throws AlreadyRunningError, naming the other's process id. Returns how to release the lock.
 */
export function lockFolder(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The folder may have been there: its database holds every key of the local Azure. (Windows knows no such modes.)
  chmodSync(directory, 0o700);
  const pidFile = join(directory, "pid");
  const database = new Database(join(directory, "lock.db"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!/locked|busy/i.test(String(cause))) throw cause;
    const pid = readIfThere(pidFile)?.trim();
    throw new AlreadyRunningError(
      `Another local Azure${pid ? ` (process ${pid})` : ""} already runs on ${directory}. Stop it with \`npm run local -- stop\`, or give --dir another folder.`,
      { cause },
    );
  }
  writeWhole(pidFile, `${process.pid}\n`);
  return () => database.close();
}
