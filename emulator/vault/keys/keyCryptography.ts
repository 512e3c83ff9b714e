import { badParameter } from "../vaultErrors";
import { signDigest, verifyDigest } from "./ecdsa";
import { type KeyShape, oaepHashOf, type SignatureAlgorithm, signatureAlgorithm } from "./keyAlgorithms";
import type { KeyMaterial } from "./keyMaterial";
import { decrypt, encrypt, type RsaHash, signPkcs1, signPss, verifyPkcs1, verifyPss } from "./rsa";

/** A key and how errors name it. */
export interface CryptoKey {
  readonly shape: KeyShape;
  readonly material: KeyMaterial;
}

const DIGEST_BYTES: Readonly<Record<RsaHash, number>> = { sha256: 32, sha384: 48, sha512: 64 };

function checkDigest(digest: Buffer, alg: unknown, { hash }: SignatureAlgorithm, member: string): void {
  const bytes = hash && DIGEST_BYTES[hash];
  if (bytes === undefined || digest.length === bytes) return;
  throw badParameter(
    `Invalid length of '${member}': ${digest.length} bytes. ${alg} requires ${bytes} bytes, encoded with base64url.`,
  );
}

/** Signs a digest: r||s for EC, the raw signature for RSA. Throws 400 for a wrong algorithm or length of digest. */
export function signWith({ shape, material }: CryptoKey, alg: unknown, digest: Buffer): Buffer {
  const algorithm = signatureAlgorithm(alg, shape);
  checkDigest(digest, alg, algorithm, "value");
  if (algorithm.family === "EC") {
    if (material.curve === undefined) throw new TypeError("an EC key without a curve");
    return signDigest(digest, material.d, material.curve);
  }
  if (algorithm.padding === "pss") return signPss(digest, material.privateKey, algorithm.hash);
  return orRefuse(() => signPkcs1(digest, material.privateKey, algorithm.hash));
}

/** Whether `signature` is one of `digest`. Throws as {@link signWith}. */
export function verifyWith({ shape, material }: CryptoKey, alg: unknown, digest: Buffer, signature: Buffer): boolean {
  const algorithm = signatureAlgorithm(alg, shape);
  checkDigest(digest, alg, algorithm, "digest");
  if (algorithm.family === "EC") {
    if (material.curve === undefined || material.jwk.kty !== "EC") throw new TypeError("an EC key without a curve");
    const point = { x: Buffer.from(material.jwk.x, "base64url"), y: Buffer.from(material.jwk.y, "base64url") };
    return verifyDigest(digest, signature, point, material.curve);
  }
  return algorithm.padding === "pss"
    ? verifyPss(digest, signature, material.publicKey, algorithm.hash)
    : verifyPkcs1(digest, signature, material.publicKey, algorithm.hash);
}

/** Encrypts, or wraps a key, which is the same for RSA. Throws 400 if the plaintext is too long. */
export function encryptWith({ shape, material }: CryptoKey, alg: unknown, text: Buffer): Buffer {
  const oaepHash = oaepHashOf(alg, shape);
  return orRefuse(() => encrypt(text, material.publicKey, oaepHash));
}

/** Decrypts, or unwraps a key. Throws 400 for an invalid ciphertext. */
export function decryptWith({ shape, material }: CryptoKey, alg: unknown, text: Buffer): Buffer {
  const oaepHash = oaepHashOf(alg, shape);
  return orRefuse(() => decrypt(text, material.privateKey, oaepHash));
}

/** Azure's words for whatever its crypto library refuses. */
function orRefuse(work: () => Buffer): Buffer {
  try {
    return work();
  } catch {
    throw badParameter("The parameter is incorrect.");
  }
}
