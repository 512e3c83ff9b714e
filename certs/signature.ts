import { type KeyObject, verify } from "node:crypto";

/** An algorithm of signatures as X.509 names it. */
interface SignatureAlgorithm {
  readonly hash: "sha256" | "sha384" | "sha512";
  /** The kind of key that makes such signatures. */
  readonly key: "rsa" | "ec";
}

/** RSA with PKCS #1 1.5 (RFC 4055, 5) and ECDSA (RFC 5758, 3.2): what device certificates are signed with. */
const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = Object.freeze({
  "1.2.840.113549.1.1.11": { hash: "sha256", key: "rsa" },
  "1.2.840.113549.1.1.12": { hash: "sha384", key: "rsa" },
  "1.2.840.113549.1.1.13": { hash: "sha512", key: "rsa" },
  "1.2.840.10045.4.3.2": { hash: "sha256", key: "ec" },
  "1.2.840.10045.4.3.3": { hash: "sha384", key: "ec" },
  "1.2.840.10045.4.3.4": { hash: "sha512", key: "ec" },
});

/** A signature with what it is over. */
export interface Signature {
  /** The algorithm's OID. */
  readonly oid: string;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Whether the public key made the signature; undefined for algorithms that OpenSSL's own reading must judge. */
export function isSignatureBy(key: KeyObject, { oid, signed, signature }: Signature): boolean | undefined {
  const algorithm = ALGORITHMS[oid];
  if (algorithm === undefined) return undefined;
  if (key.asymmetricKeyType !== algorithm.key) return false;
  // RSA's padding is PKCS #1 1.5 unless something else is said.
  return verify(algorithm.hash, signed, key, signature);
}
