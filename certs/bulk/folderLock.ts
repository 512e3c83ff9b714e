import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CertsError } from "../errors";

const LOCK = ".issuing";

/** The locks that this process holds itself, or is about to take. */
const held = new Set<string>();

/** Whether another process that is alive has the number. */
function isAlive(pid: number): boolean {
  // In a container the next process often has the number of the killed one: a lock of ours is known by `held`.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function inUse(folder: string, path: string, holder: number): CertsError {
  const message = `Process ${holder} is issuing into ${folder}; if it is another program by now, remove ${path}`;
  return new CertsError("folderInUse", message, { data: { folder, holder } });
}

/** Puts the file there, in place of one whose process is no more. */
async function takeFile(folder: string, path: string): Promise<void> {
  const own = `${path}.${randomUUID()}`;
  // Written aside and linked: the lock has its holder's number from its first moment.
  await writeFile(own, `${process.pid}\n`, { flag: "wx" });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        return await link(own, path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      }
      const holder = Number(await readFile(path, "utf8").catch(() => ""));
      if (isAlive(holder)) throw inUse(folder, path, holder);
      await rm(path, { force: true });
    }
    throw new CertsError("folderInUse", `Another process keeps taking the lock ${path}`, { data: { folder } });
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Makes the folder and takes it for this process; gives what lets it go. The lock of a process that is no more is taken
 * over. Throws `folderInUse` while another run, of this process or another, issues into the folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder, LOCK);
  // At once, before anything is waited for: two runs of one process must not both find the file of the other dead.
  if (held.has(path)) throw inUse(folder, path, process.pid);
  held.add(path);
  try {
    await mkdir(folder, { recursive: true });
    await takeFile(folder, path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}
