import { createECDH } from "node:crypto";
import { FpInvertBatch } from "@noble/curves/abstract/modular";
import type { Curve } from "./curves";

/**
 * ECDSA over a digest that the caller made (FIPS 186-5, 6.4): Key Vault is given digests, and node:crypto hashes whatever
 * it signs. `@noble/curves` verifies. To sign, OpenSSL makes the nonce (through ECDH) and `@noble/curves` does the steps
 * modulo n, because the library's own `sign` takes some fifteen times as long.
 */

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

/** A nonce that serves one signature: the inverse of k, and r. */
interface Nonce {
  readonly inverse: bigint;
  readonly r: bigint;
}

/** Nonces per batch, which share one inversion. */
const BATCH = 32;

/** Unused nonces by curve. Each is used once. */
const nonces = new Map<Curve, Nonce[]>();

function makeNonces({ openssl, bytes, ecdsa }: Curve): Nonce[] {
  const { Fn } = ecdsa.Point;
  const ecdh = createECDH(openssl);
  const made = Array.from({ length: BATCH }, () => {
    const x = ecdh.generateKeys().subarray(1, 1 + bytes);
    return { k: toNumber(ecdh.getPrivateKey()), r: Fn.create(toNumber(x)) };
  });
  const inverses = FpInvertBatch(
    Fn,
    made.map(({ k }) => k),
  );
  return made.map(({ r }, index) => ({ inverse: inverses[index] ?? 0n, r }));
}

function takeNonce(curve: Curve): Nonce {
  let unused = nonces.get(curve);
  if (unused === undefined || unused.length === 0) {
    unused = makeNonces(curve);
    nonces.set(curve, unused);
  }
  return unused.pop() ?? takeNonce(curve);
}

/** Signs a digest, no longer than the curve's order, with the private scalar `d`. Returns r||s (IEEE P1363). */
export function signDigest(digest: Uint8Array, d: bigint, curve: Curve): Buffer {
  const { Fn } = curve.ecdsa.Point;
  for (;;) {
    const { inverse, r } = takeNonce(curve);
    const s = Fn.mul(inverse, Fn.add(Fn.create(toNumber(digest)), Fn.mul(r, d)));
    // Probability 2^-256; the standard requires a retry.
    if (r !== 0n && s !== 0n) return Buffer.concat([Fn.toBytes(r), Fn.toBytes(s)]);
  }
}

/** Whether r||s is a signature of the digest by the public key at (x, y), which must be on the curve. */
export function verifyDigest(
  digest: Uint8Array,
  signature: Uint8Array,
  publicKey: { readonly x: Uint8Array; readonly y: Uint8Array },
  { ecdsa, bytes }: Curve,
): boolean {
  if (signature.length !== 2 * bytes) return false;
  const point = Buffer.concat([Buffer.of(4), publicKey.x, publicKey.y]);
  return ecdsa.verify(signature, digest, point, { prehash: false, lowS: false });
}
