import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";

/** A state folder cannot be used; the message names the file and the remedy. */
export class StateFolderError extends Error {
  override readonly name = "StateFolderError";
}

/** The text of a file; undefined when it does not exist. Throws every other error. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a file atomically and durably. `mode`: 0600 by default. */
export function writeWhole(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileAtomic.sync(file, text, { mode });
}

/** Reads a stored file by `read`. Throws StateFolderError with the file's name and `remedy` where that fails. */
export function readStored<T>(file: string, remedy: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof StateFolderError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StateFolderError(`${file} is damaged: ${reason}. To fix: ${remedy}`, { cause });
  }
}
