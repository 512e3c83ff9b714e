import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CertsError } from "../errors";

const LOCK = ".issuing";

/** The locks that this process holds itself. */
const held = new Set<string>();

function holds(pid: number, path: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  // In a container the next process often has the number of the killed one.
  if (pid === process.pid) return held.has(path);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Makes the folder and takes it for this process; gives what lets it go. The lock of a process that is no more is taken
 * over. Throws `folderInUse` while another process issues into the folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = resolve(folder, LOCK);
  const own = `${path}.${randomUUID()}`;
  // Written aside and linked: the lock has its holder's number from its first moment.
  await writeFile(own, `${process.pid}\n`, { flag: "wx" });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await link(own, path);
        held.add(path);
        return async () => {
          held.delete(path);
          await rm(path, { force: true });
        };
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      }
      const holder = Number(await readFile(path, "utf8").catch(() => ""));
      if (holds(holder, path)) {
        const message = `Process ${holder} is issuing into ${folder}; if it is another program by now, remove ${path}`;
        throw new CertsError("folderInUse", message, { data: { folder, holder } });
      }
      await rm(path, { force: true });
    }
    throw new CertsError("folderInUse", `Another process keeps taking the lock ${path}`, { data: { folder } });
  } finally {
    await rm(own, { force: true });
  }
}
