import { isIPv4, isIPv6 } from "node:net";
import type { KeyAlgorithm } from "./algorithms";
import { encodeElement, TAG } from "./der";
import { CertsError } from "./errors";

/** DER NULL. */
export const NULL = Buffer.from("0500", "hex");

const oids = new Map<string, Buffer>();

/** The whole element of an object identifier in dotted form. A caller's malformed OID is a `TypeError`. */
export function encodeOid(dotted: string): Buffer {
  const known = oids.get(dotted);
  if (known !== undefined) return known;
  if (!/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(dotted)) throw new TypeError(`'${dotted}' is no object identifier`);
  const [root = 0n, second = 0n, ...arcs] = dotted.split(".").map(BigInt);
  const octets = [root * 40n + second, ...arcs].flatMap((arc) => {
    const groups = [Number(arc & 0x7fn)];
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) groups.unshift(Number(rest & 0x7fn) | 0x80);
    return groups;
  });
  const encoded = encodeElement(TAG.oid, Buffer.from(octets));
  oids.set(dotted, encoded);
  return encoded;
}

/** The INTEGER of an unsigned big-endian number of any length, in its shortest form. */
export function encodeUnsigned(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const octets = magnitude.subarray(start);
  return (octets[0] ?? 0) > 0x7f ? encodeElement(TAG.integer, SIGN, octets) : encodeElement(TAG.integer, octets);
}

/** A leading octet that is zero: the sign of an INTEGER, the count of unused bits of a BIT STRING of whole octets. */
const SIGN = Buffer.alloc(1);

/** The INTEGER of a small whole number from 0. */
export function encodeSmallInteger(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return encodeUnsigned(octets);
}

/** A BIT STRING of whole octets: a signature, a public key. */
export function encodeOctetBits(octets: Uint8Array): Buffer {
  return encodeElement(TAG.bitString, SIGN, octets);
}

/** A BIT STRING of named bits, most significant first: trailing zero bits are left out (X.690, 11.2.2). */
export function encodeNamedBits(bits: readonly boolean[]): Buffer {
  const last = bits.lastIndexOf(true);
  const octets = Buffer.alloc(1 + Math.ceil((last + 1) / 8));
  octets[0] = (8 - ((last + 1) % 8)) % 8;
  for (let bit = 0; bit <= last; bit += 1) {
    if (bits[bit] === true) octets[1 + (bit >> 3)] = (octets[1 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  }
  return encodeElement(TAG.bitString, octets);
}

/** A time to the second: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5). */
export function encodeTime(moment: Date): Buffer {
  const digits = `${moment.toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
  const year = moment.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? encodeElement(TAG.utcTime, Buffer.from(digits.slice(2), "latin1"))
    : encodeElement(TAG.generalizedTime, Buffer.from(digits, "latin1"));
}

/** The AlgorithmIdentifier of a signature: RSA has NULL parameters (RFC 4055, 5), ECDSA none (RFC 5758, 3.2). */
export function encodeSignatureAlgorithm(algorithm: KeyAlgorithm): Buffer {
  const oid = encodeOid(algorithm.signatureOid);
  return algorithm.family === "rsa" ? encodeElement(TAG.sequence, oid, NULL) : encodeElement(TAG.sequence, oid);
}

/**
 * A signature as X.509 and PKCS#10 carry it: RSA as it is, ECDSA's r||s as Ecdsa-Sig-Value (RFC 3279, 2.2.3). A length
 * other than the algorithm's is the signer's mistake and a `TypeError`.
 */
export function encodeSignature(signature: Uint8Array, algorithm: KeyAlgorithm): Buffer {
  if (signature.length !== algorithm.signatureLength) {
    throw new TypeError(
      `The signer gave ${signature.length} octets where ${algorithm.name} has ${algorithm.signatureLength}; ECDSA is r||s, not DER`,
    );
  }
  if (algorithm.family === "rsa") return encodeOctetBits(signature);
  const half = algorithm.signatureLength / 2;
  const [r, s] = [encodeUnsigned(signature.subarray(0, half)), encodeUnsigned(signature.subarray(half))];
  return encodeOctetBits(encodeElement(TAG.sequence, r, s));
}

/** The octets of an IP address as text, 4 or 16. Throws `badName`. */
export function encodeIpAddress(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  if (!isIPv6(address) || address.includes("%")) {
    throw new CertsError("badName", `'${address}' is no IP address`, { data: { address } });
  }
  // A dotted tail stands for the last two groups (RFC 4291, 2.2).
  const groups = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = [], tail = []] = groups.split("::").map((side) => (side === "" ? [] : side.split(":")));
  const zeros = new Array<string>(8 - head.length - tail.length).fill("0");
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...head, ...zeros, ...tail].entries()) {
    octets.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  }
  return octets;
}
