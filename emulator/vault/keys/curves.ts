/** Key Vault's name of an elliptic curve (JWK `crv`; P-256K is what RFC 8812 calls secp256k1). */
export type CurveName = "P-256" | "P-384" | "P-521" | "P-256K";

/** All that is known about one curve: y² = x³ + ax + b over the field of `p`, of prime order `n` (SEC 2, FIPS 186-5). */
export interface Curve {
  readonly name: CurveName;
  /** What `key_size` says of it, bits. */
  readonly bits: number;
  /** OpenSSL's name, as node:crypto takes and reports it. */
  readonly openssl: "prime256v1" | "secp384r1" | "secp521r1" | "secp256k1";
  /** node:crypto's name in a JWK. */
  readonly jwk: string;
  /** Octets of a coordinate; a signature is two of them. */
  readonly octets: number;
  readonly p: bigint;
  readonly a: bigint;
  readonly n: bigint;
}

const curve = (value: Curve): Curve => Object.freeze(value);

const P256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P384 = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const P521 = 2n ** 521n - 1n;
const P256K = 2n ** 256n - 2n ** 32n - 977n;

/** The curves of Azure's key types ("About keys": EC curve names). */
export const CURVES: Readonly<Record<CurveName, Curve>> = Object.freeze({
  "P-256": curve({
    name: "P-256",
    bits: 256,
    openssl: "prime256v1",
    jwk: "P-256",
    octets: 32,
    p: P256,
    a: P256 - 3n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  }),
  "P-384": curve({
    name: "P-384",
    bits: 384,
    openssl: "secp384r1",
    jwk: "P-384",
    octets: 48,
    p: P384,
    a: P384 - 3n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  }),
  "P-521": curve({
    name: "P-521",
    bits: 521,
    openssl: "secp521r1",
    jwk: "P-521",
    octets: 66,
    p: P521,
    a: P521 - 3n,
    n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  }),
  "P-256K": curve({
    name: "P-256K",
    bits: 256,
    openssl: "secp256k1",
    jwk: "secp256k1",
    octets: 32,
    p: P256K,
    a: 0n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  }),
});

/** The curve of Key Vault's name; undefined for any other text. */
export function findCurve(name: unknown): Curve | undefined {
  return typeof name === "string" && Object.hasOwn(CURVES, name) ? CURVES[name as CurveName] : undefined;
}
