import { createECDH, createPrivateKey, type ECDH, generateKeyPairSync } from "node:crypto";
import type { EcAlgorithm, KeyAlgorithm } from "../algorithms";
import { toPem } from "../pem";
import { SPKI_HEADS } from "../publicKey";

/** A device's new key in the two encodings that issuing needs. */
export interface LeafKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Unencrypted PKCS#8, DER. */
  readonly pkcs8: Buffer;
}

/** What precedes the private number, and then the public point, in a PKCS#8 of a curve (RFC 5958, RFC 5915). */
const PKCS8_HEADS = Object.freeze({
  prime256v1: [
    Buffer.from("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420", "hex"),
    Buffer.from("a144034200", "hex"),
  ],
  secp384r1: [
    Buffer.from("3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430", "hex"),
    Buffer.from("a164036200", "hex"),
  ],
} as const);

const generators = new Map<string, ECDH>();

/** The key generator of a curve, reused: setting one up takes half as long as a key. */
function generatorOf(curve: EcAlgorithm["namedCurve"]): ECDH {
  let generator = generators.get(curve);
  if (generator === undefined) {
    generator = createECDH(curve);
    generators.set(curve, generator);
  }
  return generator;
}

/**
 * An elliptic-curve key. OpenSSL makes the numbers; the fixed encodings around them are added here, because OpenSSL's own
 * encoders take 200 µs for what takes 35 µs to generate.
 */
function ecKey({ namedCurve, signatureLength }: EcAlgorithm): LeafKey {
  const pair = generatorOf(namedCurve);
  const point = pair.generateKeys();
  const secret = pair.getPrivateKey();
  // RFC 5915, 3: of the curve's full length; OpenSSL's number comes without leading zeros.
  const scalar = Buffer.alloc(signatureLength / 2);
  scalar.set(secret, scalar.length - secret.length);
  const [head, middle] = PKCS8_HEADS[namedCurve];
  return {
    // The point's first byte, 4 for an uncompressed one, is the head's last.
    publicKey: Buffer.concat([SPKI_HEADS[namedCurve], point.subarray(1)]),
    pkcs8: Buffer.concat([head, scalar, middle, point]),
  };
}

/** A new key, made on this thread. */
export function newLeafKey(algorithm: KeyAlgorithm): LeafKey {
  if (algorithm.family === "ec") return ecKey(algorithm);
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
