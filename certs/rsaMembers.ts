import type { JsonWebKey } from "node:crypto";

/**
 * Whether the private members of an RSA key belong to its modulus and exponent (RFC 8017, 3.2). OpenSSL checks none of
 * them when it reads a key, and signs with those that fit.
 */
export function areRsaMembersConsistent(jwk: JsonWebKey): boolean {
  const number = (member: string | undefined): bigint =>
    BigInt(`0x${Buffer.from(member ?? "", "base64url").toString("hex") || "0"}`);
  const [n, e, d, p, q] = [number(jwk.n), number(jwk.e), number(jwk.d), number(jwk.p), number(jwk.q)];
  if (p < 3n || q < 3n || p * q !== n) return false;
  return (
    (d * e) % (p - 1n) === 1n &&
    (d * e) % (q - 1n) === 1n &&
    number(jwk.dp) === d % (p - 1n) &&
    number(jwk.dq) === d % (q - 1n) &&
    number(jwk.qi) < p &&
    (number(jwk.qi) * q) % p === 1n
  );
}
