/**
 * Creates that the stand-in for azure-native has sent and whose outcome the engine does not know yet, one file each. A plugin that
 * is killed alone leaves its files: the engine records a failure then, and the state has no word of the resource.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The environment variable that names the folder; without it, nothing is written. */
export const BEGUN_CREATES = "ZERO_TOUCH_BEGUN_CREATES";

/** A resource that may exist. */
export interface BegunCreate {
  readonly urn: string;
  /** ARM ID. */
  readonly id: string;
}

/** Keeps a file in `folder` while `create` runs. A process that dies leaves it. */
export async function whileBegun<T>(
  folder: string | undefined,
  begun: BegunCreate,
  create: () => Promise<T>,
): Promise<T> {
  if (folder === undefined) return create();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${createHash("sha256").update(`${begun.urn}\n${begun.id}`).digest("hex")}.json`);
  writeFileSync(file, JSON.stringify(begun), { mode: 0o600 });
  try {
    return await create();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The creates in the folder. A file that was cut off while it was written began nothing. */
export function begunCreates(folder: string): readonly BegunCreate[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(folder, name), "utf8")) as BegunCreate];
    } catch {
      return [];
    }
  });
}
