import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { KeyAlgorithm } from "../algorithms";
import { newEcKey } from "../ecKey";
import { toPem } from "../pem";

/** A device's new key in the two encodings that issuing needs. */
export interface LeafKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Unencrypted PKCS#8, DER. */
  readonly pkcs8: Buffer;
}

/** A new key, made on this thread. */
export function newLeafKey(algorithm: KeyAlgorithm): LeafKey {
  if (algorithm.family === "ec") return newEcKey(algorithm);
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: algorithm.modulusLength,
    publicExponent: 0x10001,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return { publicKey, pkcs8: privateKey };
}

/** The key as PEM; with a passphrase encrypted as {@link import("../keys").exportPrivateKey} does. */
export function leafKeyPem(key: LeafKey, passphrase: string | undefined): string {
  if (passphrase === undefined) return toPem("PRIVATE KEY", key.pkcs8);
  return createPrivateKey({ key: key.pkcs8, format: "der", type: "pkcs8" })
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase })
    .toString();
}
