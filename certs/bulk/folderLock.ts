import { join } from "node:path";
import { CertsError } from "../errors";
import { LockHeldError, takeLock } from "../exclusiveLock";

/**
 * Locks an existing output folder for this run; returns the function that releases it. Throws `folderInUse` while another
 * run, of this process or another, issues into the folder.
 */
export function lockFolder(folder: string): () => void {
  try {
    return takeLock(join(folder, ".issuing.lock"), join(folder, ".issuing"));
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const { holder } = cause;
    const who = holder === undefined ? "Another process" : `Process ${holder}`;
    const remedy = "To fix: wait until it ends, or name another output folder";
    throw new CertsError("folderInUse", `${who} is issuing into ${folder}. ${remedy}`, {
      data: { folder, holder },
      cause,
    });
  }
}
