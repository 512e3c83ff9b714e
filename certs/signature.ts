import { type KeyObject, verify } from "node:crypto";
import type { KeyAlgorithm } from "./algorithms";
import { encodeElement, readChildren, readWhole, TAG } from "./der";

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

/** Whether the public key, if it can be read, made the signature; undefined for other algorithms than RSA and ECDSA above. */
export function isSignatureBy(key: KeyObject | undefined, { oid, signed, signature }: Signature): boolean | undefined {
  const algorithm = ALGORITHMS[oid];
  if (algorithm === undefined) return undefined;
  if (key?.asymmetricKeyType !== algorithm.key) return false;
  // RSA's padding is PKCS #1 1.5 unless something else is said.
  return verify(algorithm.hash, signed, key, signature);
}

/** A leading zero byte: the sign of an INTEGER, the count of unused bits of a BIT STRING of whole bytes. */
const ZERO = Buffer.alloc(1);

/** The INTEGER of an unsigned big-endian number, in its shortest form. */
function encodeUnsigned(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const bytes = magnitude.subarray(start);
  return (bytes[0] ?? 0) > 0x7f ? encodeElement(TAG.integer, ZERO, bytes) : encodeElement(TAG.integer, bytes);
}

/**
 * The certificate of a TBSCertificate and its signature, which is as a {@link import("./signer").Signer} returns it: ECDSA's
 * r||s becomes an Ecdsa-Sig-Value (RFC 3279, 2.2.3). For signatures that the library does not ask for: throw-away ones, and
 * those of bulk issuing. A length other than the algorithm's is the signer's mistake and a `TypeError`.
 */
export function attachSignature(tbs: Buffer, signature: Uint8Array, algorithm: KeyAlgorithm): Buffer {
  const { family, name, signatureLength } = algorithm;
  if (signature.length !== signatureLength) {
    throw new TypeError(
      `The signer gave ${signature.length} bytes where ${name} has ${signatureLength}; ECDSA is r||s, not DER`,
    );
  }
  const half = signatureLength / 2;
  const value =
    family === "rsa"
      ? signature
      : encodeElement(
          TAG.sequence,
          encodeUnsigned(signature.subarray(0, half)),
          encodeUnsigned(signature.subarray(half)),
        );
  const [, , identifier] = readChildren(readWhole(tbs, TAG.sequence).content);
  return encodeElement(
    TAG.sequence,
    tbs,
    identifier?.raw ?? Buffer.alloc(0),
    encodeElement(TAG.bitString, ZERO, value),
  );
}
