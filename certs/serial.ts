import { randomBytes } from "node:crypto";
import { CertsError } from "./errors";

/** A source of serial numbers. */
export interface SerialSource {
  /** A new serial number: big-endian bytes, to be read as an unsigned integer. */
  next(): Uint8Array;
}

/** The most bytes of a serial number (RFC 5280, 4.1.2.2). */
export const MAX_SERIAL_BYTES = 20;

/** Random bytes in store: a call for sixteen costs as much as one for thousands. */
let store = Buffer.alloc(0);

function randomSerialBytes(count: number): Buffer {
  if (store.length < count) store = randomBytes(4096);
  // A copy: the store's memory lives as long as any view on it.
  const bytes = Buffer.from(store.subarray(0, count));
  store = store.subarray(count);
  return bytes;
}

/**
 * Sixteen random bytes with the first bits set to 01: positive without a leading zero byte, of constant length,
 * and with 126 random bits (the CA/Browser Forum asks for 64).
 */
export const randomSerials: SerialSource = Object.freeze({
  next(): Uint8Array {
    const bytes = randomSerialBytes(16);
    bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
    return bytes;
  },
});

/**
 * The shortest form of a serial number, in lower-case hex of whole bytes, without a sign byte.
 * Throws `badSerial` for zero and for what would take more than 20 bytes as a DER INTEGER (RFC 5280, 4.1.2.2).
 */
export function serialHex(serial: Uint8Array): string {
  let start = 0;
  while (start < serial.length && serial[start] === 0) start += 1;
  const bytes = serial.subarray(start);
  const first = bytes[0];
  if (first === undefined) throw new CertsError("badSerial", "A serial number must be positive (RFC 5280, 4.1.2.2)");
  // A set top bit costs a sign byte in the DER form.
  const encoded = bytes.length + (first > 0x7f ? 1 : 0);
  if (encoded > MAX_SERIAL_BYTES) {
    throw new CertsError(
      "badSerial",
      `A serial number takes at most ${MAX_SERIAL_BYTES} bytes, this one ${encoded} (RFC 5280, 4.1.2.2)`,
      {
        data: { bytes: encoded },
      },
    );
  }
  return Buffer.from(bytes).toString("hex");
}
