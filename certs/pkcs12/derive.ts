import { createHash } from "node:crypto";

/** What derived bytes are for (RFC 7292, B.3). */
export const PURPOSE = Object.freeze({ key: 1, iv: 2, mac: 3 });

function repeat(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return bytes;
  const length = block * Math.ceil(bytes.length / block);
  return Buffer.alloc(length, bytes);
}

/**
 * A passphrase as PKCS#12's own derivation takes it: UTF-16, big-endian, with a terminator (RFC 7292, B.1). Without a
 * passphrase programs differ: some derive from the terminator alone (`""`), some from nothing (`undefined`).
 */
function bmp(passphrase: string | undefined): Buffer {
  return passphrase === undefined ? Buffer.alloc(0) : Buffer.from(`${passphrase}\0`, "utf16le").swap16();
}

/** Derives `length` bytes from a passphrase (RFC 7292, B.2). `hash` is one of SHA-1 and SHA-2, by node:crypto's name. */
export function derive(request: {
  readonly hash: string;
  readonly passphrase: string | undefined;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly purpose: number;
  readonly length: number;
}): Buffer {
  const { hash, salt, iterations, purpose, length } = request;
  const block = hash === "sha384" || hash === "sha512" ? 128 : 64;
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([repeat(salt, block), repeat(bmp(request.passphrase), block)]);
  const derived: Buffer[] = [];
  for (let made = 0; made < length; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) digest = createHash(hash).update(digest).digest();
    derived.push(digest);
    made += digest.length;
    // Each block of the input, as a number, grows by the digest and one; overflow is dropped.
    const addend = repeat(digest, block).subarray(0, block);
    for (let start = 0; start < input.length; start += block) {
      let carry = 1;
      for (let index = block - 1; index >= 0; index -= 1) {
        carry += (input[start + index] ?? 0) + (addend[index] ?? 0);
        input[start + index] = carry & 0xff;
        carry >>= 8;
      }
    }
  }
  return Buffer.concat(derived).subarray(0, length);
}
