import { closeSync, fsyncSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertsError } from "../errors";

/** How a device's key and certificates lie on the disk: one file with the key, the leaf and its CAs, or two. */
export type Layout = "bundle" | "files";

/** The folder below the output folder that the devices' files lie in. */
export const DEVICES = "devices";

/** A file to be written, by its path below the output folder, with `/` between the parts. */
export interface DeviceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * A registration ID as a file name. A colon is no name on Windows, where it names a stream; `%` is in no registration ID,
 * so the names stay apart.
 */
function fileName(registrationId: string): string {
  return registrationId.replaceAll(":", "%3A");
}

/** The files of one device. The key comes first: a certificate without its key never lies there. */
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
    // A file that the manifest does not know: of a run that was killed between the file and the manifest's line.
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    unlinkSync(path);
    return openSync(path, "wx", 0o600);
  }
}

/** Writes a device's file for its owner only (0600). Throws `keyFile`; the message never carries the text. */
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
    throw new CertsError("keyFile", `The file ${path} cannot be written`, { data: { path }, cause });
  }
}
