import { access, chmod, open, readFile } from "node:fs/promises";
import { CertsError } from "../errors";

/** A file's octets. Throws `file`. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CertsError("file", `${path} cannot be read: ${(cause as Error).message}`, { data: { path }, cause });
  }
}

/** A file's text. Throws `file`. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString("utf8");
}

/** Throws `file` when there is such a file already, unless `force`. */
export async function checkNew(path: string, force: boolean): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there && !force) throw new CertsError("file", `${path} is there already (--force overwrites it)`);
}

/** Writes a file of this mode. Throws `file`. */
export async function writeNew(
  path: string,
  content: string | Uint8Array,
  options: { readonly force: boolean; readonly secret?: boolean },
): Promise<void> {
  const mode = options.secret === true ? 0o600 : 0o644;
  try {
    const file = await open(path, options.force ? "w" : "wx", mode);
    try {
      // An overwritten file keeps its old mode; narrow it before the key goes in.
      if (options.secret === true) await chmod(path, mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new CertsError("file", `${path} cannot be written: ${(cause as Error).message}`, { data: { path }, cause });
  }
}
