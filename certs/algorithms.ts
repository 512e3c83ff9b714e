import type { KeyObject } from "node:crypto";
import { CertsError } from "./errors";

/** The key algorithms of this toolkit, by the names used in configuration. */
export type KeyAlgorithmName = "RSA-2048" | "RSA-3072" | "RSA-4096" | "EC-P256" | "EC-P384";

interface CommonAlgorithm {
  readonly name: KeyAlgorithmName;
  /** The digest of signatures made with such a key, by node:crypto's name. */
  readonly hash: "sha256" | "sha384";
  /** Bytes of a signature in the form that a {@link import("./signer").Signer} returns. */
  readonly signatureLength: number;
  /** The signature algorithm by its JOSE name (RFC 7518), which is also what Key Vault's sign call takes. */
  readonly jose: "RS256" | "ES256" | "ES384";
  /** OID of the X.509 signature algorithm (RFC 4055, RFC 5758). */
  readonly signatureOid: string;
}

/** An RSA entry: PKCS#1 v1.5 signatures, which every Azure service and device stack verifies. */
export interface RsaAlgorithm extends CommonAlgorithm {
  readonly family: "rsa";
  readonly modulusLength: 2048 | 3072 | 4096;
  readonly webCrypto: { readonly name: "RSASSA-PKCS1-v1_5"; readonly hash: "SHA-256" };
}

/** An elliptic-curve entry: ECDSA over a NIST curve with the digest of the curve's strength. */
export interface EcAlgorithm extends CommonAlgorithm {
  readonly family: "ec";
  /** The curve by OpenSSL's name, as node:crypto reports it. */
  readonly namedCurve: "prime256v1" | "secp384r1";
  readonly webCrypto: {
    readonly name: "ECDSA";
    readonly namedCurve: "P-256" | "P-384";
    readonly hash: "SHA-256" | "SHA-384";
  };
}

/** All facts about one key algorithm. Callers get the entry and do not switch on its name. */
export type KeyAlgorithm = RsaAlgorithm | EcAlgorithm;

function rsa(modulusLength: RsaAlgorithm["modulusLength"]): RsaAlgorithm {
  return Object.freeze({
    name: `RSA-${modulusLength}`,
    family: "rsa",
    modulusLength,
    hash: "sha256",
    signatureLength: modulusLength / 8,
    jose: "RS256",
    signatureOid: "1.2.840.113549.1.1.11",
    webCrypto: Object.freeze({ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }),
  } as const);
}

/** The table of key algorithms, frozen. */
export const KEY_ALGORITHMS: Readonly<Record<KeyAlgorithmName, KeyAlgorithm>> = Object.freeze({
  "RSA-2048": rsa(2048),
  "RSA-3072": rsa(3072),
  "RSA-4096": rsa(4096),
  "EC-P256": Object.freeze({
    name: "EC-P256",
    family: "ec",
    namedCurve: "prime256v1",
    hash: "sha256",
    signatureLength: 64,
    jose: "ES256",
    signatureOid: "1.2.840.10045.4.3.2",
    webCrypto: Object.freeze({ name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }),
  }),
  "EC-P384": Object.freeze({
    name: "EC-P384",
    family: "ec",
    namedCurve: "secp384r1",
    hash: "sha384",
    signatureLength: 96,
    jose: "ES384",
    signatureOid: "1.2.840.10045.4.3.3",
    webCrypto: Object.freeze({ name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" }),
  }),
});

/** The names of the table, for option lists and messages. */
export const KEY_ALGORITHM_NAMES: readonly KeyAlgorithmName[] = Object.freeze(
  Object.keys(KEY_ALGORITHMS) as KeyAlgorithmName[],
);

/** Whether `name` is one of the table's names. */
export function isKeyAlgorithmName(name: string): name is KeyAlgorithmName {
  return Object.hasOwn(KEY_ALGORITHMS, name);
}

/** The entry of `name`. Throws a `TypeError` that lists the known names for any other. */
export function keyAlgorithm(name: KeyAlgorithmName): KeyAlgorithm {
  if (!isKeyAlgorithmName(name)) {
    throw new TypeError(`Unknown key algorithm '${String(name)}': use one of ${KEY_ALGORITHM_NAMES.join(", ")}`);
  }
  return KEY_ALGORITHMS[name];
}

/** The table's entry of a key, or undefined for a key outside the table (another size, another curve, Ed25519). */
export function findAlgorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const details = key.asymmetricKeyDetails;
  return Object.values(KEY_ALGORITHMS).find((entry) =>
    entry.family === "rsa"
      ? key.asymmetricKeyType === "rsa" && details?.modulusLength === entry.modulusLength
      : key.asymmetricKeyType === "ec" && details?.namedCurve === entry.namedCurve,
  );
}

/**
 * A short name of any asymmetric key, in or out of the table: `EC-P256`, `RSA-1024`, `EC-secp521r1`, `ed25519`; also of
 * one that OpenSSL does not read, `undefined`.
 */
export function describeKey(key: KeyObject | undefined): string {
  if (key === undefined) return "(cannot be read)";
  const known = findAlgorithmOf(key);
  if (known !== undefined) return known.name;
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "rsa") return `RSA-${details?.modulusLength ?? "?"}`;
  if (key.asymmetricKeyType === "ec") return `EC-${details?.namedCurve ?? "?"}`;
  return key.asymmetricKeyType ?? key.type;
}

/** The table's entry of a key. Throws `unsupportedKey` for a key outside the table. */
export function algorithmOf(key: KeyObject): KeyAlgorithm {
  const found = findAlgorithmOf(key);
  if (found !== undefined) return found;
  const kind = describeKey(key);
  throw new CertsError(
    "unsupportedKey",
    `A key of kind ${kind} is not supported: use one of ${KEY_ALGORITHM_NAMES.join(", ")}`,
    { data: { kind } },
  );
}
