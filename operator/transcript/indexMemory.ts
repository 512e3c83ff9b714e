import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sync as writeFileAtomic } from "write-file-atomic";

/** The last entry of the index that an instance has written. */
export interface RememberedEntry {
  readonly sequence: number;
  readonly hash: string;
}

/** Name of the file in an instance's state folder. */
export const INDEX_MEMORY = "index.json";

/** Remembers the end of the index outside of the store: who removes entries at its end is found. */
export interface IndexMemory {
  read(): RememberedEntry | undefined;
  write(entry: RememberedEntry): void;
}

/** Reads what an instance has remembered in its state folder; undefined where it has not, or where the file is damaged. */
export function readIndexMemory(folder: string): RememberedEntry | undefined {
  const file = join(folder, INDEX_MEMORY);
  if (!existsSync(file)) return undefined;
  try {
    const { sequence, hash } = JSON.parse(readFileSync(file, "utf8")) as Partial<RememberedEntry>;
    return typeof sequence === "number" && typeof hash === "string" ? { sequence, hash } : undefined;
  } catch {
    return undefined;
  }
}

/** The memory of an instance in its state folder. A full disk loses a note and ends nothing: the store has the entry. */
export const indexMemory = (folder: string): IndexMemory => ({
  read: () => readIndexMemory(folder),
  write(entry) {
    try {
      writeFileAtomic(join(folder, INDEX_MEMORY), JSON.stringify(entry), { mode: 0o600, fsync: false });
    } catch {}
  },
});
