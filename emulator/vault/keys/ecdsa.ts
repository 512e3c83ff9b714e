import { createECDH, ECDH } from "node:crypto";
import type { Curve } from "./curves";

/**
 * ECDSA over a digest that the caller made (FIPS 186-5, 6.4). Key Vault is handed digests, and node:crypto hashes
 * whatever it signs; so OpenSSL multiplies the points (through ECDH) and the few steps modulo n are done here.
 */

const mod = (value: bigint, modulus: bigint): bigint => {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
};

/** Undefined for 0, which has no inverse. */
function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [low, high] = [mod(value, modulus), modulus];
  let [one, other] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [high, low] = [low, high - quotient * low];
    [other, one] = [one, other - quotient * one];
  }
  return low === 1n ? mod(one, modulus) : undefined;
}

const toNumber = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString("hex") || "0"}`);

function toOctets(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex");
}

/** The leftmost bits of the digest, as many as the order has (6.4.1, step 2). */
function toScalar(digest: Uint8Array, { n, bits }: Curve): bigint {
  const excess = BigInt(Math.max(0, digest.length * 8 - bits));
  return mod(toNumber(digest) >> excess, n);
}

/** A point in affine coordinates; undefined is the point at infinity. */
type Point = { readonly x: bigint; readonly y: bigint } | undefined;

function pointOf(uncompressed: Buffer, { octets }: Curve): NonNullable<Point> {
  return { x: toNumber(uncompressed.subarray(1, 1 + octets)), y: toNumber(uncompressed.subarray(1 + octets)) };
}

const encoded = ({ x, y }: NonNullable<Point>, { octets }: Curve): Buffer =>
  Buffer.concat([Buffer.of(4), toOctets(x, octets), toOctets(y, octets)]);

function add(left: Point, right: Point, { p, a }: Curve): Point {
  if (left === undefined) return right;
  if (right === undefined) return left;
  const isDouble = left.x === right.x && left.y === right.y;
  const run = inverse(isDouble ? 2n * left.y : right.x - left.x, p);
  if (run === undefined) return undefined;
  const slope = mod((isDouble ? 3n * left.x * left.x + a : right.y - left.y) * run, p);
  const x = mod(slope * slope - left.x - right.x, p);
  return { x, y: mod(slope * (left.x - x) - left.y, p) };
}

/** Multiples of a point: `x` of k times the point, as ECDH shares it. `k` lies between 1 and n-1. */
function sharedX(k: bigint, point: Buffer, curve: Curve): bigint {
  const ecdh = createECDH(curve.openssl);
  ecdh.setPrivateKey(toOctets(k, curve.octets));
  return toNumber(ecdh.computeSecret(point));
}

function baseTimes(k: bigint, curve: Curve): Point {
  if (k === 0n) return undefined;
  const ecdh = createECDH(curve.openssl);
  ecdh.setPrivateKey(toOctets(k, curve.octets));
  return pointOf(ecdh.getPublicKey(), curve);
}

/** k times a point. ECDH tells its x alone; which of the two y belongs to it is told by the x of the next multiple. */
function times(k: bigint, point: NonNullable<Point>, curve: Curve): Point {
  const { n, p, octets, openssl } = curve;
  if (k === 0n) return undefined;
  if (k === 1n) return point;
  if (k === n - 1n) return { x: point.x, y: mod(-point.y, p) };
  const raw = encoded(point, curve);
  const compressed = Buffer.concat([Buffer.of(2), toOctets(sharedX(k, raw, curve), octets)]);
  const found = pointOf(ECDH.convertKey(compressed, openssl, undefined, undefined, "uncompressed") as Buffer, curve);
  const next = sharedX(k + 1n, raw, curve);
  return add(found, point, curve)?.x === next ? found : { x: found.x, y: mod(-found.y, p) };
}

/** A nonce that serves one signature: the inverse of k, and r. */
interface Nonce {
  readonly inverse: bigint;
  readonly r: bigint;
}

/** Nonces made at once: the dear step, an inverse, is then shared by all of them. */
const BATCH = 32;

/** Nonces made and not used yet, by curve. Each is taken once; none is kept anywhere else. */
const nonces = new Map<Curve, Nonce[]>();

/** Random nonces from OpenSSL; their inverses by one inverse of their product (Montgomery's trick). */
function makeNonces(curve: Curve): Nonce[] {
  const { n, octets } = curve;
  const ecdh = createECDH(curve.openssl);
  const made = Array.from({ length: BATCH }, () => {
    const r = mod(toNumber(ecdh.generateKeys().subarray(1, 1 + octets)), n);
    return { k: toNumber(ecdh.getPrivateKey()), r };
  });
  const products: bigint[] = [];
  for (const { k } of made) products.push(((products.at(-1) ?? 1n) * k) % n);
  let rest = inverse(products.at(-1) ?? 1n, n) ?? 0n;
  const done: Nonce[] = [];
  for (const [index, { k, r }] of [...made.entries()].reverse()) {
    done.push({ inverse: (rest * (products[index - 1] ?? 1n)) % n, r });
    rest = (rest * k) % n;
  }
  return done;
}

function takeNonce(curve: Curve): Nonce {
  let waiting = nonces.get(curve);
  if (waiting === undefined || waiting.length === 0) {
    waiting = makeNonces(curve);
    nonces.set(curve, waiting);
  }
  return waiting.pop() ?? takeNonce(curve);
}

/** Signs a digest with the private scalar `d`; answers r||s (IEEE P1363). */
export function signDigest(digest: Uint8Array, d: bigint, curve: Curve): Buffer {
  const { n, octets } = curve;
  for (;;) {
    const { inverse: inverted, r } = takeNonce(curve);
    const s = mod(inverted * (toScalar(digest, curve) + r * d), n);
    // One chance in 2^256; the standard says to begin again.
    if (r !== 0n && s !== 0n) return Buffer.concat([toOctets(r, octets), toOctets(s, octets)]);
  }
}

/** Whether r||s is a signature of the digest by the public key at (x, y), which must be on the curve. */
export function verifyDigest(
  digest: Uint8Array,
  signature: Uint8Array,
  publicKey: { readonly x: Uint8Array; readonly y: Uint8Array },
  curve: Curve,
): boolean {
  const { n, octets } = curve;
  if (signature.length !== 2 * octets) return false;
  const [r, s] = [toNumber(signature.subarray(0, octets)), toNumber(signature.subarray(octets))];
  if (r === 0n || s === 0n || r >= n || s >= n) return false;
  const w = inverse(s, n) ?? 0n;
  const key = { x: toNumber(publicKey.x), y: toNumber(publicKey.y) };
  const one = baseTimes(mod(toScalar(digest, curve) * w, n), curve);
  const sum = add(one, times(mod(r * w, n), key, curve), curve);
  return sum !== undefined && mod(sum.x, n) === r;
}
