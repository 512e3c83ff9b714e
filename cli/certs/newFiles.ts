import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { access, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CertsError } from "../../certs/errors";

/** The bytes of a file. Throws `file`. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CertsError("file", `${path} cannot be read: ${(cause as Error).message}`, { data: { path }, cause });
  }
}

/** The text of a file's bytes, without a byte order mark. */
export const textOf = (bytes: Buffer): string => bytes.toString("utf8").replace(/^\ufeff/, "");

/** A file's text without a byte order mark. Throws `file`. */
export async function readText(path: string): Promise<string> {
  return textOf(await readBytes(path));
}

/** Throws `file` if the file exists, unless `force`, or if its folder does not. */
export async function checkNew(path: string, force: boolean): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists && !force) throw new CertsError("file", `${path} exists (--force overwrites it)`);
  const folder = dirname(path);
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new CertsError("file", `${folder} is not a folder: create it first, or name another`);
}

/** The status of a path, links followed; undefined if it does not exist. */
async function existing(path: string): Promise<{ readonly path: string; readonly stats: Stats } | undefined> {
  try {
    const real = await realpath(path);
    return { path: real, stats: await stat(real) };
  } catch {
    return undefined;
  }
}

/** Whether {@link writeNew} with `force` replaces what is at a path: everything but pipes and terminals. */
export async function isReplaced(path: string): Promise<boolean> {
  return (await existing(path))?.stats.isFile() !== false;
}

async function fill(path: string, flag: "w" | "wx", content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, flag, mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a file atomically: old content is replaced only once the new content is on the disk. A secret always gets mode
 * 0600; other files keep their mode. Throws `file`.
 */
export async function writeNew(
  path: string,
  content: string | Uint8Array,
  options: { readonly force: boolean; readonly secret?: boolean },
): Promise<void> {
  try {
    const current = options.force ? await existing(path) : undefined;
    // A pipe or a terminal is written to, not replaced.
    if (current !== undefined && !current.stats.isFile()) return await writeFile(current.path, content);
    const target = current?.path ?? path;
    const partial = `${target}.${randomBytes(4).toString("hex")}.partial`;
    const mode = options.secret === true ? 0o600 : current === undefined ? 0o644 : current.stats.mode & 0o777;
    try {
      await fill(partial, "wx", content, mode);
      // Reserves the name; fails if it exists.
      if (!options.force) await fill(target, "wx", "", mode);
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  } catch (cause) {
    throw new CertsError("file", `${path} cannot be written: ${(cause as Error).message}`, { data: { path }, cause });
  }
}
