import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Database from "libsql";

/** Another process, or this one, holds the lock. */
export class LockHeldError extends Error {
  override readonly name = "LockHeldError";
  /** The holder's process ID; undefined in the moment before it is written down. */
  readonly holder: number | undefined;

  constructor(file: string, holder: number | undefined, cause: unknown) {
    super(`Process ${holder ?? "unknown"} holds the lock ${file}`, { cause });
    this.holder = holder;
  }
}

function readPid(pidFile: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(pidFile, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes an exclusive lock and returns the function that releases it. The lock is the operating system's own, on an empty
 * database in a transaction: it ends with its process, also by kill -9, so that no dead process is taken for a live one,
 * nor another program with its ID for the holder. `file` stays behind: to remove it would let two processes lock two
 * files of one name. `pidFile` names the holder. Throws LockHeldError.
 */
export function takeLock(file: string, pidFile: string): () => void {
  const database = new Database(file);
  try {
    // isLocked reads for a moment.
    database.exec("PRAGMA busy_timeout = 500; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!/locked|busy/i.test(String(cause))) throw cause;
    throw new LockHeldError(file, readPid(pidFile), cause);
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return () => {
    if (readPid(pidFile) === process.pid) rmSync(pidFile, { force: true });
    database.close();
  };
}

/** Whether a live process holds the lock. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new Database(file);
  try {
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}
