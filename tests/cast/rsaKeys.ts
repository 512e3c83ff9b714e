import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Application } from "../../emulator/entra/application";
import { openClientCertificate } from "../../emulator/entra/clientCertificate";
import { newSigningKey, openSigningKey, type SigningKey } from "../../emulator/entra/signingKey";

/** Where tests keep RSA keys from run to run: tests/cast/rsaPool.cjs has those of the test processes themselves there. */
const FOLDER = resolve(__dirname, "..", "..", "node_modules", ".cache", "azure-iot-zero-touch-tests");

const COUNT = 6;
const keys: KeyObject[] = [];
let next = 0;
let signingKey: SigningKey | undefined;

/**
 * A private key of RSA-2048, each of six in turn: to make one takes 0.3 s. Take keys that must differ one after the other,
 * in one scope.
 */
export function rsaKey(): KeyObject {
  const index = next++ % COUNT;
  const key = keys[index] ?? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  keys[index] = key;
  return key;
}

/** The key of Entra's tokens, the same in all tests of a process. */
export function entraKey(): SigningKey {
  signingKey ??= newSigningKey();
  return signingKey;
}

/** Gives the folder of a new local Azure its RSA keys, which it makes otherwise: three, 1 s of the processor. */
export async function placeRsaKeys(directory: string): Promise<void> {
  openSigningKey(FOLDER);
  await openClientCertificate(FOLDER, new Application());
  for (const name of ["token-key.pem", "client-certificate.pem"])
    copyFileSync(join(FOLDER, name), join(directory, name));
}
