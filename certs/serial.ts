import { randomBytes } from "node:crypto";
import { CertsError } from "./errors";

/** Where serial numbers come from. */
export interface SerialSource {
  /** A new serial number: big-endian octets, to be read as an unsigned integer. */
  next(): Uint8Array;
}

/** The most octets that a serial number may take (RFC 5280, 4.1.2.2). */
export const MAX_SERIAL_OCTETS = 20;

/** Random octets in store: asking for sixteen costs as much as asking for thousands. */
let store = Buffer.alloc(0);

function randomOctets(count: number): Buffer {
  if (store.length < count) store = randomBytes(4096);
  // A copy: the store's memory lives as long as any view on it.
  const octets = Buffer.from(store.subarray(0, count));
  store = store.subarray(count);
  return octets;
}

/**
 * Sixteen random octets with the first bits set to 01: positive without a leading zero octet, of constant length,
 * and with 126 random bits (the CA/Browser Forum asks for 64).
 */
export const randomSerials: SerialSource = Object.freeze({
  next(): Uint8Array {
    const octets = randomOctets(16);
    octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
    return octets;
  },
});

/**
 * The shortest form of a serial number, in lower-case hex of whole octets, without a sign octet.
 * Throws `badSerial` for zero and for what would take more than 20 octets as a DER INTEGER (RFC 5280, 4.1.2.2).
 */
export function serialHex(serial: Uint8Array): string {
  let start = 0;
  while (start < serial.length && serial[start] === 0) start += 1;
  const octets = serial.subarray(start);
  const first = octets[0];
  if (first === undefined) throw new CertsError("badSerial", "A serial number must be positive (RFC 5280, 4.1.2.2)");
  // A set top bit costs a sign octet in the DER form.
  const encoded = octets.length + (first > 0x7f ? 1 : 0);
  if (encoded > MAX_SERIAL_OCTETS) {
    throw new CertsError(
      "badSerial",
      `A serial number takes at most ${MAX_SERIAL_OCTETS} octets, this one ${encoded} (RFC 5280, 4.1.2.2)`,
      {
        data: { octets: encoded },
      },
    );
  }
  return Buffer.from(octets).toString("hex");
}
