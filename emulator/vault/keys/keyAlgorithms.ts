import { badParameter } from "../vaultErrors";
import type { CurveName } from "./curves";
import type { RsaHash } from "./rsa";

/** A signature algorithm (JWA, RFC 7518 and 8812) with all that is known about it. */
export type SignatureAlgorithm = {
  readonly name: string;
  /** Bytes of the digest; undefined: any that fit (RSNULL). */
  readonly digestLength: number | undefined;
} & (
  | { readonly family: "RSA"; readonly padding: "pkcs1"; readonly hash: RsaHash | undefined }
  | { readonly family: "RSA"; readonly padding: "pss"; readonly hash: RsaHash }
  | { readonly family: "EC"; readonly curve: CurveName }
);

/** An encryption or key-wrap algorithm, for RSA only: vaults have no symmetric keys. */
export interface EncryptionAlgorithm {
  readonly name: string;
  /** The digest of OAEP; undefined: PKCS#1 v1.5. */
  readonly oaepHash: "sha1" | "sha256" | undefined;
}

const LENGTHS: Readonly<Record<RsaHash, number>> = { sha256: 32, sha384: 48, sha512: 64 };

const pkcs1 = (name: string, hash: RsaHash | undefined): SignatureAlgorithm => ({
  name,
  digestLength: hash === undefined ? undefined : LENGTHS[hash],
  family: "RSA",
  padding: "pkcs1",
  hash,
});
const pss = (name: string, hash: RsaHash): SignatureAlgorithm => ({
  name,
  digestLength: LENGTHS[hash],
  family: "RSA",
  padding: "pss",
  hash,
});
const ec = (name: string, curve: CurveName, digestLength: number): SignatureAlgorithm => ({
  name,
  digestLength,
  family: "EC",
  curve,
});

const byName = <T extends { readonly name: string }>(entries: readonly T[]): ReadonlyMap<string, T> =>
  new Map(entries.map((entry) => [entry.name, Object.freeze(entry)]));

/** The signature algorithms of a vault ("About keys": signature algorithms). */
export const SIGNATURE_ALGORITHMS = byName([
  pkcs1("RS256", "sha256"),
  pkcs1("RS384", "sha384"),
  pkcs1("RS512", "sha512"),
  pkcs1("RSNULL", undefined),
  pss("PS256", "sha256"),
  pss("PS384", "sha384"),
  pss("PS512", "sha512"),
  ec("ES256", "P-256", 32),
  ec("ES384", "P-384", 48),
  ec("ES512", "P-521", 64),
  ec("ES256K", "P-256K", 32),
]);

/** The encryption and wrap algorithms of a vault ("About keys": encrypt, decrypt, wrap, unwrap). */
export const ENCRYPTION_ALGORITHMS = byName<EncryptionAlgorithm>([
  { name: "RSA-OAEP", oaepHash: "sha1" },
  { name: "RSA-OAEP-256", oaepHash: "sha256" },
  { name: "RSA1_5", oaepHash: undefined },
]);

/** Algorithms of symmetric keys, which only a managed HSM has. */
const SYMMETRIC = /^(?:HS(?:256|384|512)|A(?:128|192|256)(?:GCM|CBC|CBCPAD|KW|KWP))$/;

/** The key as an error names it. */
export interface KeyShape {
  /** Its address with the version. */
  readonly kid: string;
  readonly kty: string;
  readonly crv: CurveName | undefined;
}

const familyOf = (kty: string): "RSA" | "EC" => (kty.startsWith("RSA") ? "RSA" : "EC");

function incompatible(kind: "signing" | "encryption", key: KeyShape, rest: string): Error {
  return badParameter(`Key and ${kind} algorithm are incompatible. Key ${key.kid} ${rest}`);
}

function ofOtherType(kind: "signing" | "encryption", key: KeyShape, name: string, types: string): Error {
  return incompatible(
    kind,
    key,
    `is of type '${key.kty}', and algorithm '${name}' can only be used with a key of type ${types}.`,
  );
}

const typesOf = (family: string): string => `'${family}' or '${family}-HSM'`;

function unknown(kind: "signing" | "encryption", key: KeyShape, name: unknown): Error {
  if (typeof name === "string" && SYMMETRIC.test(name)) return ofOtherType(kind, key, name, typesOf("oct"));
  return badParameter(
    typeof name === "string" ? `Invalid algorithm '${name.slice(0, 40)}'.` : "Property alg must be a string.",
  );
}

/** Returns the algorithm of a sign or verify request. Throws 400 for an unknown name or a key of another type. */
export function signatureAlgorithm(name: unknown, key: KeyShape): SignatureAlgorithm {
  const found = typeof name === "string" ? SIGNATURE_ALGORITHMS.get(name) : undefined;
  if (found === undefined) throw unknown("signing", key, name);
  if (found.family !== familyOf(key.kty)) throw ofOtherType("signing", key, found.name, typesOf(found.family));
  if (found.family === "EC" && found.curve !== key.crv) {
    throw incompatible(
      "signing",
      key,
      `uses curve '${key.crv}', and algorithm '${found.name}' can only be used with curve '${found.curve}'.`,
    );
  }
  return found;
}

/** Returns the algorithm of an encrypt, decrypt, wrap or unwrap request. Throws as {@link signatureAlgorithm}. */
export function encryptionAlgorithm(name: unknown, key: KeyShape): EncryptionAlgorithm {
  const found = typeof name === "string" ? ENCRYPTION_ALGORITHMS.get(name) : undefined;
  if (found === undefined) throw unknown("encryption", key, name);
  if (familyOf(key.kty) !== "RSA") throw ofOtherType("encryption", key, found.name, typesOf("RSA"));
  return found;
}
