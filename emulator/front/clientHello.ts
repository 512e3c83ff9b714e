/**
 * Reads the server name from the first bytes of a TLS connection (RFC 8446, 4.1.2; RFC 6066, 3), so that one listener can
 * serve hosts that request a client certificate and hosts that do not: that choice is made before TLS.
 */

/** Thrown inside the parser when the bytes end too early. */
class TruncatedError extends Error {}

class ByteReader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  number(size: number): number {
    if (this.left < size) throw new TruncatedError();
    const value = this.bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  take(size: number): ByteReader {
    if (this.left < size) throw new TruncatedError();
    const part = new ByteReader(this.bytes.subarray(this.#at, this.#at + size));
    this.#at += size;
    return part;
  }

  /** A vector: its length in `size` bytes, then as many bytes. */
  vector(size: number): ByteReader {
    return this.take(this.number(size));
  }
}

function nameOf(hello: ByteReader): string | undefined {
  hello.take(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  if (hello.left === 0) return undefined;
  const extensions = hello.vector(2);
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (type !== 0) continue;
    const list = body.vector(2);
    const kind = list.number(1);
    return kind === 0 ? list.vector(2).bytes.toString("latin1").toLowerCase() : undefined;
  }
  return undefined;
}

/**
 * The server name in a ClientHello: a lower-case name, `null` when the hello names none or is not TLS, `undefined`
 * when more bytes are needed.
 */
export function serverNameOf(bytes: Buffer): string | null | undefined {
  try {
    const record = new ByteReader(bytes);
    if (record.number(1) !== 22) return null;
    record.number(2);
    const handshake = record.vector(2);
    if (handshake.number(1) !== 1) return null;
    return nameOf(handshake.vector(3)) ?? null;
  } catch (error) {
    if (error instanceof TruncatedError) return undefined;
    throw error;
  }
}
