import { badParameter } from "../vaultErrors";
import type { CurveName } from "./curves";
import { signDigest, verifyDigest } from "./ecdsa";
import type { KeyMaterial } from "./keyMaterial";
import { decrypt, encrypt, type RsaHash, signPkcs1, signPss, verifyPkcs1, verifyPss } from "./rsa";

/** A signature algorithm (JWA, RFC 7518 and 8812). */
export type SignatureAlgorithm =
  | { readonly family: "RSA"; readonly padding: "pkcs1"; readonly hash: RsaHash | undefined }
  | { readonly family: "RSA"; readonly padding: "pss"; readonly hash: RsaHash }
  | { readonly family: "EC"; readonly curve: CurveName; readonly hash: RsaHash };

/** The signature algorithms of a vault ("About keys": signature algorithms). Without a hash: any bytes that fit. */
export const SIGNATURE_ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = Object.freeze({
  RS256: { family: "RSA", padding: "pkcs1", hash: "sha256" },
  RS384: { family: "RSA", padding: "pkcs1", hash: "sha384" },
  RS512: { family: "RSA", padding: "pkcs1", hash: "sha512" },
  RSNULL: { family: "RSA", padding: "pkcs1", hash: undefined },
  PS256: { family: "RSA", padding: "pss", hash: "sha256" },
  PS384: { family: "RSA", padding: "pss", hash: "sha384" },
  PS512: { family: "RSA", padding: "pss", hash: "sha512" },
  ES256: { family: "EC", curve: "P-256", hash: "sha256" },
  ES384: { family: "EC", curve: "P-384", hash: "sha384" },
  ES512: { family: "EC", curve: "P-521", hash: "sha512" },
  ES256K: { family: "EC", curve: "P-256K", hash: "sha256" },
});

/** The encryption and wrap algorithms of a vault ("About keys": encrypt, decrypt, wrap, unwrap), for RSA only. */
export const ENCRYPTION_ALGORITHMS: Readonly<Record<string, { readonly oaepHash: "sha1" | "sha256" | undefined }>> =
  Object.freeze({
    "RSA-OAEP": { oaepHash: "sha1" },
    "RSA-OAEP-256": { oaepHash: "sha256" },
    // PKCS#1 v1.5
    RSA1_5: { oaepHash: undefined },
  });

/** Algorithms of symmetric keys, which only a managed HSM has. */
const SYMMETRIC = /^(?:HS(?:256|384|512)|A(?:128|192|256)(?:GCM|CBC|CBCPAD|KW|KWP))$/;

/** The key as an error names it. */
export interface KeyShape {
  /** Its address with the version. */
  readonly kid: string;
  readonly kty: string;
  readonly crv: CurveName | undefined;
}

type Kind = "signing" | "encryption";

const familyOf = (kty: string): "RSA" | "EC" => (kty.startsWith("RSA") ? "RSA" : "EC");

const incompatible = (kind: Kind, key: KeyShape, rest: string): Error =>
  badParameter(`Key and ${kind} algorithm are incompatible. Key ${key.kid} ${rest}`);

function ofOtherType(kind: Kind, key: KeyShape, name: string, family: string): Error {
  const types = `'${family}' or '${family}-HSM'`;
  const rest = `is of type '${key.kty}', and algorithm '${name}' can only be used with a key of type ${types}.`;
  return incompatible(kind, key, rest);
}

/** Returns the entry of a name. Throws 400 for an unknown one. */
function find<T>(kind: Kind, table: Readonly<Record<string, T>>, name: string, key: KeyShape): readonly [string, T] {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return [name, found];
  if (SYMMETRIC.test(name)) throw ofOtherType(kind, key, name, "oct");
  throw badParameter(`Invalid algorithm '${name.slice(0, 40)}'.`);
}

/** Returns the algorithm of a sign or verify request. Throws 400 for an unknown name or a key of another type. */
export function signatureAlgorithm(alg: string, key: KeyShape): SignatureAlgorithm {
  const [name, found] = find("signing", SIGNATURE_ALGORITHMS, alg, key);
  if (found.family !== familyOf(key.kty)) throw ofOtherType("signing", key, name, found.family);
  if (found.family === "EC" && found.curve !== key.crv) {
    const rest = `uses curve '${key.crv}', and algorithm '${name}' can only be used with curve '${found.curve}'.`;
    throw incompatible("signing", key, rest);
  }
  return found;
}

/** Returns the OAEP hash of an encrypt, decrypt, wrap or unwrap request. Throws as {@link signatureAlgorithm}. */
export function oaepHashOf(alg: string, key: KeyShape): "sha1" | "sha256" | undefined {
  const [name, { oaepHash }] = find("encryption", ENCRYPTION_ALGORITHMS, alg, key);
  if (familyOf(key.kty) !== "RSA") throw ofOtherType("encryption", key, name, "RSA");
  return oaepHash;
}

/** A key and how errors name it. */
export interface CryptoKey {
  readonly shape: KeyShape;
  readonly material: KeyMaterial;
}

const DIGEST_BYTES: Readonly<Record<RsaHash, number>> = { sha256: 32, sha384: 48, sha512: 64 };

function checkDigest(digest: Buffer, alg: string, { hash }: SignatureAlgorithm, member: string): void {
  const bytes = hash && DIGEST_BYTES[hash];
  if (bytes === undefined || digest.length === bytes) return;
  throw badParameter(
    `Invalid length of '${member}': ${digest.length} bytes. ${alg} requires ${bytes} bytes, encoded with base64url.`,
  );
}

/** Signs a digest: r||s for EC, the raw signature for RSA. Throws 400 for a wrong algorithm or length of digest. */
export function signWith({ shape, material }: CryptoKey, alg: string, digest: Buffer): Buffer {
  const algorithm = signatureAlgorithm(alg, shape);
  checkDigest(digest, alg, algorithm, "value");
  if (algorithm.family === "EC") {
    if (material.curve === undefined) throw new TypeError("an EC key without a curve");
    return signDigest(digest, material.d, material.curve);
  }
  if (algorithm.padding === "pss") return orRefuse(() => signPss(digest, material.privateKey, algorithm.hash));
  return orRefuse(() => signPkcs1(digest, material.privateKey, algorithm.hash));
}

/** Whether `signature` is one of `digest`. Throws as {@link signWith}. */
export function verifyWith({ shape, material }: CryptoKey, alg: string, digest: Buffer, signature: Buffer): boolean {
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
export function encryptWith({ shape, material }: CryptoKey, alg: string, text: Buffer): Buffer {
  const oaepHash = oaepHashOf(alg, shape);
  return orRefuse(() => encrypt(text, material.publicKey, oaepHash));
}

/** Decrypts, or unwraps a key. Throws 400 for an invalid ciphertext. */
export function decryptWith({ shape, material }: CryptoKey, alg: string, text: Buffer): Buffer {
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
