/** Identifiers of algorithms (TPM 2.0 library, part 2, 6.3). */
export const TPM_ALG = Object.freeze({
  rsa: 0x0001,
  hmac: 0x0005,
  aes: 0x0006,
  keyedHash: 0x0008,
  null: 0x0010,
  cfb: 0x0043,
});

/** A hash that names objects. */
export interface NameHash {
  readonly id: number;
  /** As node:crypto calls it. */
  readonly name: "sha1" | "sha256" | "sha384" | "sha512";
  readonly bytes: number;
}

/** The hash that new objects are named by, and HMAC keys sign with: as Azure's clients expect it. */
export const SHA256: NameHash = { id: 0x000b, name: "sha256", bytes: 32 };

/** The hashes that a key of a TPM may be named by. */
export const NAME_HASHES: readonly NameHash[] = Object.freeze([
  { id: 0x0004, name: "sha1", bytes: 20 },
  SHA256,
  { id: 0x000c, name: "sha384", bytes: 48 },
  { id: 0x000d, name: "sha512", bytes: 64 },
]);

/** A malformed structure of a TPM. */
export class TpmFormatError extends Error {
  override readonly name = "TpmFormatError";
}

/** Two bytes, big-endian like all numbers of a TPM. */
export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Four bytes, big-endian. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A sized buffer, TPM2B_… (TPM 2.0 library, part 2, 10.4): the length in two bytes, then the content. */
export const sized = (...content: readonly Buffer[]): Buffer => {
  const whole = Buffer.concat(content);
  return Buffer.concat([uint16(whole.length), whole]);
};

/** Reads structures in sequence. Throws `TpmFormatError` at the end of the bytes. */
export class ByteReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Number of unread bytes. */
  get left(): number {
    return this.bytes.length - this.#at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw new TpmFormatError(`expected ${count} bytes, but only ${this.left} are left`);
    this.#at += count;
    return this.bytes.subarray(this.#at - count, this.#at);
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  sized(): Buffer {
    return this.take(this.uint16());
  }
}
