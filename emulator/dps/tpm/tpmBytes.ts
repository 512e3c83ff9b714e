/** What is wrong with a TPM's structure. */
export class TpmFormatError extends Error {
  override readonly name = "TpmFormatError";
}

/** Two octets, the most significant first, as all numbers of a TPM. */
export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Four octets. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A sized buffer, TPM2B_… (TPM 2.0 library, part 2, 10.4): two octets of length, then the content. */
export const sized = (...content: readonly Buffer[]): Buffer => {
  const whole = Buffer.concat(content);
  return Buffer.concat([uint16(whole.length), whole]);
};

/** Reads structures one after the other; throws `TpmFormatError` when the octets end too early. */
export class ByteReader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#octets = bytes;
  }

  /** How many octets are left. */
  get left(): number {
    return this.#octets.length - this.#at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw new TpmFormatError(`${count} octets are wanted where ${this.left} are left`);
    this.#at += count;
    return this.#octets.subarray(this.#at - count, this.#at);
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
