/**
 * Creates of the stand-in for azure-native whose outcome the state does not have yet, one file each. A plugin that is killed alone
 * leaves its files: the engine records a failure then, and the state has no word of the resource. The command that ran the engine
 * removes the file of what the state has.
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

const fileOf = (folder: string, { urn, id }: BegunCreate): string =>
  join(folder, `${createHash("sha256").update(`${urn}\n${id}`).digest("hex")}.json`);

/** Writes the file of a create. */
export function beginCreate(folder: string, create: BegunCreate): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(folder, create), JSON.stringify(create), { mode: 0o600 });
}

/** Removes the file of a create. */
export const endCreate = (folder: string, create: BegunCreate): void => rmSync(fileOf(folder, create), { force: true });

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
