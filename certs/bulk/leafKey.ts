import { createECDH, createPrivateKey, type ECDH, generateKeyPairSync } from "node:crypto";
import type { EcAlgorithm, KeyAlgorithm } from "../algorithms";
import { encodeElement, TAG } from "../der";
import { encodeOctetBits, encodeOid, encodeSmallInteger } from "../encode";
import { toPem } from "../pem";

/** A device's new key as the two encodings that are needed of it. */
export interface LeafKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Unencrypted PKCS#8, DER. */
  readonly pkcs8: Buffer;
}

/** OIDs of the curves by OpenSSL's names (RFC 5480, 2.1.1.1). */
const CURVE_OIDS = Object.freeze({ prime256v1: "1.2.840.10045.3.1.7", secp384r1: "1.3.132.0.34" });

const ZERO = encodeSmallInteger(0);
const ONE = encodeSmallInteger(1);

const generators = new Map<string, ECDH>();

/** What makes keys on a curve, kept: setting one up takes half as long as a key. */
function generatorOf(curve: EcAlgorithm["namedCurve"]): ECDH {
  let generator = generators.get(curve);
  if (generator === undefined) {
    generator = createECDH(curve);
    generators.set(curve, generator);
  }
  return generator;
}

/**
 * An elliptic-curve key. OpenSSL makes the numbers; the two encodings around them are written here, because OpenSSL's
 * own encoders take 200 µs for what takes 35 µs to generate (SubjectPublicKeyInfo: RFC 5480; PKCS#8: RFC 5958; the
 * private key inside: RFC 5915).
 */
function ecKey(algorithm: EcAlgorithm): LeafKey {
  const pair = generatorOf(algorithm.namedCurve);
  const point = encodeOctetBits(pair.generateKeys());
  const secret = pair.getPrivateKey();
  const size = algorithm.signatureLength / 2;
  // RFC 5915, 3: of the curve's full length; OpenSSL's number comes without leading zeros.
  const scalar = Buffer.alloc(size);
  scalar.set(secret, size - secret.length);
  const identifier = encodeElement(
    TAG.sequence,
    encodeOid("1.2.840.10045.2.1"),
    encodeOid(CURVE_OIDS[algorithm.namedCurve]),
  );
  const inner = encodeElement(TAG.sequence, ONE, encodeElement(TAG.octetString, scalar), encodeElement(0xa1, point));
  return {
    publicKey: encodeElement(TAG.sequence, identifier, point),
    pkcs8: encodeElement(TAG.sequence, ZERO, identifier, encodeElement(TAG.octetString, inner)),
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
