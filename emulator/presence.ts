import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, StateFolderError, writeWhole } from "./kernel/stateFile";

/** Milliseconds between two looks. */
const INTERVAL = 500;

function inode(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

/** Returns a function that says whether the folder is still the one of now, with the lock that this process holds. */
export function watchFolder(directory: string): () => boolean {
  const lock = join(directory, "lock.db");
  const own = inode(lock);
  return () => own !== undefined && inode(lock) === own;
}

/**
 * Writes `ready.json`, and restores it and `pid` when someone deletes or changes them. Calls `lost` when the lock's file is
 * gone, as after `rm -rf .local`: another process can use the folder then, and nothing is stored any more. Returns the
 * function that ends this and deletes `ready.json`, unless it is another process's by then. Throws StateFolderError when
 * the folder is gone already.
 */
export function announce(
  directory: string,
  readyText: string,
  { isOurs, lost, interval = INTERVAL }: { isOurs(): boolean; lost(): void; readonly interval?: number },
): () => void {
  const ready = join(directory, "ready.json");
  const files = { [ready]: readyText, [join(directory, "pid")]: `${process.pid}\n` };
  if (!isOurs()) throw new StateFolderError(`The state folder was deleted while the local Azure started: ${directory}`);
  writeWhole(ready, readyText);
  let missing = false;
  const timer = setInterval(() => {
    if (!isOurs()) {
      clearInterval(timer);
      lost();
      return;
    }
    const gone = Object.entries(files).filter(([file, text]) => readIfThere(file) !== text);
    // At the second look: at the first, the whole folder may be about to go.
    if (missing) for (const [file, text] of gone) writeWhole(file, text);
    missing = !missing && gone.length > 0;
  }, interval);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (readIfThere(ready) === readyText) rmSync(ready, { force: true });
  };
}
