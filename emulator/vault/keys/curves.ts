import { p256, p384, p521 } from "@noble/curves/nist";
import { secp256k1 } from "@noble/curves/secp256k1";

/** Key Vault's name of an elliptic curve (JWK `crv`; P-256K is what RFC 8812 calls secp256k1). */
export type CurveName = "P-256" | "P-384" | "P-521" | "P-256K";

type Ecdsa = typeof p256;

/** An elliptic curve of Key Vault by the names and sizes that its callers need. */
export interface Curve {
  readonly name: CurveName;
  /** Value of `key_size`, bits. */
  readonly bits: number;
  /** OpenSSL's name, as node:crypto takes and reports it. */
  readonly openssl: "prime256v1" | "secp384r1" | "secp521r1" | "secp256k1";
  /** node:crypto's name in a JWK. */
  readonly jwk: string;
  /** Bytes of a coordinate; a signature is two of them. */
  readonly bytes: number;
  /** The curve's arithmetic. */
  readonly ecdsa: Ecdsa;
}

const curve = (name: CurveName, bits: number, openssl: Curve["openssl"], ecdsa: Ecdsa, jwk: string = name): Curve =>
  Object.freeze({ name, bits, openssl, jwk, bytes: Math.ceil(bits / 8), ecdsa });

/** The curves of Azure's key types ("About keys": EC curve names). */
export const CURVES: Readonly<Record<CurveName, Curve>> = Object.freeze({
  "P-256": curve("P-256", 256, "prime256v1", p256),
  "P-384": curve("P-384", 384, "secp384r1", p384),
  "P-521": curve("P-521", 521, "secp521r1", p521),
  "P-256K": curve("P-256K", 256, "secp256k1", secp256k1, "secp256k1"),
});

/** The curve of Key Vault's name; undefined for any other text. */
export function findCurve(name: unknown): Curve | undefined {
  return typeof name === "string" && Object.hasOwn(CURVES, name) ? CURVES[name as CurveName] : undefined;
}
