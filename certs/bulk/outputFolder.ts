/** The output folder of a run: `manifest.jsonl`, and the files of the devices below `devices/`. */

import { closeSync, fsyncSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { access, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { CertsError } from "../errors";
import { LockHeldError, takeLock } from "../exclusiveLock";

/** The files of a device: `bundle` is one file with the key, the leaf and its CAs; `files` is one for the key, one for the rest. */
export type Layout = "bundle" | "files";

const DEVICES = "devices";

/** A file to write. The path is relative to the output folder, with `/` as separator. */
export interface DeviceFile {
  readonly path: string;
  readonly text: string;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full. To fix: free some space, then run the same command again, which continues",
  EDQUOT: "your quota is used up. To fix: free some space, then run the same command again, which continues",
  EROFS: "the disk is read-only. To fix: name another folder",
  EACCES: "you have no permission. To fix: name another folder",
};

/** The error for a file or folder of a bulk run that the system does not write. */
export function cannotWrite(path: string, cause: unknown): CertsError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const isFull = code === "SQLITE_FULL" || /disk is full/.test(message);
  const reason = REASONS[isFull ? "ENOSPC" : code] ?? message;
  return new CertsError("keyFile", `${path} cannot be written: ${reason}`, { data: { path }, cause });
}

/** The path of the manifest in an output folder. */
export const manifestPath = (folder: string): string => join(folder, "manifest.jsonl");

/**
 * Creates the output folder and locks it for this run; returns the function that releases it. Throws `folderInUse` while
 * another run, of this process or another, issues into the folder.
 */
export async function lockOutputFolder(folder: string): Promise<() => void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw cannotWrite(folder, cause);
  });
  try {
    return takeLock(join(folder, ".issuing.lock"), join(folder, ".issuing"));
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cannotWrite(folder, cause);
    const { holder } = cause;
    const who = holder === undefined ? "Another process" : `Process ${holder}`;
    const remedy = "To fix: wait until it ends, or name another output folder";
    throw new CertsError("folderInUse", `${who} is issuing into ${folder}. ${remedy}`, {
      data: { folder, holder },
      cause,
    });
  }
}

/**
 * Creates the folder of the devices' files. Throws `foreignFiles` if it holds files without a manifest: a run would
 * overwrite them as leftovers of an interrupted one.
 */
export async function createDevicesFolder(folder: string): Promise<void> {
  const devices = join(folder, DEVICES);
  const hasManifest = await access(manifestPath(folder)).then(
    () => true,
    () => false,
  );
  const found = hasManifest ? [] : await readdir(devices).catch(() => []);
  if (found.length > 0) {
    throw new CertsError("foreignFiles", `${devices} contains files, but there is no manifest for them`, {
      data: { folder, count: found.length },
    });
  }
  await mkdir(devices, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw cannotWrite(devices, cause);
  });
}

/**
 * A registration ID as a file name. Windows does not allow a colon in one; no registration ID contains `%`, so file names
 * stay unique.
 */
function fileName(registrationId: string): string {
  return registrationId.replaceAll(":", "%3A");
}

/** The files of one device. The key comes first, so that no certificate is ever written without its key. */
export function deviceFiles(layout: Layout, registrationId: string, keyPem: string, chainPem: string): DeviceFile[] {
  const name = `${DEVICES}/${fileName(registrationId)}`;
  if (layout === "bundle") return [{ path: `${name}.pem`, text: keyPem + chainPem }];
  return [
    { path: `${name}.key.pem`, text: keyPem },
    { path: `${name}.chain.pem`, text: chainPem },
  ];
}

function openNew(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (cause) {
    // The manifest does not list this file: an earlier run was killed after it wrote the file and before it wrote the line.
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    unlinkSync(path);
    return openSync(path, "wx", 0o600);
  }
}

/** Writes a device's file, readable by its owner only (0600). Throws `keyFile`; the message never contains the text. */
export function writeDeviceFile(folder: string, file: DeviceFile, durable: boolean): void {
  const path = join(folder, file.path);
  try {
    const descriptor = openNew(path);
    try {
      writeFileSync(descriptor, file.text);
      if (durable) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
