import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { newSigningKey, type SigningKey } from "../../emulator/entra/signingKey";

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
