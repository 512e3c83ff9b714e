/**
 * Creates of the stand-in for azure-native whose outcome the state does not have yet, one file each. A plugin that is killed alone
 * leaves its files: the engine records a failure then, and the state has no word of the resource. The command that ran the engine
 * removes the file of what the state has.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The environment variable that names the folder; without it, nothing is written. */
export const PENDING_CREATES = "ZERO_TOUCH_PENDING_CREATES";

/** A resource that may exist. */
export interface PendingCreate {
  readonly urn: string;
  /** ARM ID. */
  readonly id: string;
}

const fileOf = (folder: string, { urn, id }: PendingCreate): string =>
  join(folder, `${createHash("sha256").update(`${urn}\n${id}`).digest("hex")}.json`);

/** Writes the file of a create that begins. */
export function addPendingCreate(folder: string, create: PendingCreate): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(folder, create), JSON.stringify(create), { mode: 0o600 });
}

/** Removes the file of a create. */
export const removePendingCreate = (folder: string, create: PendingCreate): void =>
  rmSync(fileOf(folder, create), { force: true });

/** The creates in the folder. The plugin writes a file before it sends the request, so a file that was cut off stands for no request. */
export function pendingCreates(folder: string): readonly PendingCreate[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(folder, name), "utf8")) as PendingCreate];
    } catch {
      return [];
    }
  });
}
