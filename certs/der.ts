import { CertsError } from "./errors";

/** Tags of the few ASN.1 types that a certificate is read for (X.690). */
export const TAG = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  numericString: 0x12,
  visibleString: 0x1a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
});

/** One element of DER: its tag, its content, and its whole encoding. Both are views, nothing is copied. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

function malformed(what: string): CertsError {
  return new CertsError("malformed", `Malformed DER: ${what}`);
}

/** The element that starts at `offset`. Throws `malformed` for a length that is indefinite, not minimal or past the end. */
export function readElement(bytes: Buffer, offset = 0): Element {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw malformed("the input ends inside an element");
  if ((tag & 0x1f) === 0x1f) throw malformed("a tag of several bytes");
  let start = offset + 2;
  let length = first;
  if (first > 0x7f) {
    const bytesOfLength = first & 0x7f;
    // Four bytes of length reach 4 GiB; a certificate is some kilobytes.
    if (bytesOfLength === 0 || bytesOfLength > 4) throw malformed("an indefinite or oversized length");
    if (start + bytesOfLength > bytes.length) throw malformed("the input ends inside a length");
    length = bytes.readUIntBE(start, bytesOfLength);
    if (length < 0x80 || length < 2 ** (8 * (bytesOfLength - 1))) throw malformed("a length that is not minimal");
    start += bytesOfLength;
  }
  const end = start + length;
  if (end > bytes.length) throw malformed("an element is longer than its input");
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) };
}

/** The one element that fills `bytes`. Throws `malformed` for trailing bytes, or for another tag than `tag` if given. */
export function readWhole(bytes: Buffer, tag?: number): Element {
  const element = readElement(bytes);
  if (element.raw.length !== bytes.length) throw malformed("bytes after the end");
  return tag === undefined ? element : expectTag(element, tag);
}

/** The elements inside a constructed element's content, in order. */
export function readChildren(content: Buffer): Element[] {
  const children: Element[] = [];
  let offset = 0;
  while (offset < content.length) {
    const child = readElement(content, offset);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
}

/** `element` itself when it is there and has `tag`. Throws `malformed` otherwise. */
export function expectTag(element: Element | undefined, tag: number): Element {
  if (element === undefined) throw malformed(`an element of tag 0x${tag.toString(16)} is missing`);
  if (element.tag !== tag) throw malformed(`tag 0x${element.tag.toString(16)} where 0x${tag.toString(16)} belongs`);
  return element;
}

/** An element of `tag` around `parts` one after another, with the shortest length. */
export function encodeElement(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytesOfLength = length < 0x80 ? 0 : length > 0xffffff ? 4 : length > 0xffff ? 3 : length > 0xff ? 2 : 1;
  // Every byte is filled below. Issuing in bulk spends its time here, hence one allocation and no Buffer.concat.
  const encoded = Buffer.allocUnsafe(2 + bytesOfLength + length);
  encoded[0] = tag;
  if (bytesOfLength === 0) encoded[1] = length;
  else {
    encoded[1] = 0x80 | bytesOfLength;
    encoded.writeUIntBE(length, 2, bytesOfLength);
  }
  let offset = 2 + bytesOfLength;
  for (const part of parts) {
    encoded.set(part, offset);
    offset += part.length;
  }
  return encoded;
}

/** Bytes of the longest object identifier that is read: those of the field have less than 30. */
const LONGEST_OID = 128;

/** The dotted form of an object identifier's content. A bound on its length is a bound on the work: arcs are big numbers. */
export function decodeOid(content: Buffer): string {
  if (content.length > LONGEST_OID) throw malformed("an object identifier that is too long");
  const arcs: bigint[] = [];
  let value = 0n;
  let open = true;
  for (const byte of content) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    open = byte > 0x7f;
    if (!open) {
      arcs.push(value);
      value = 0n;
    }
  }
  const first = arcs.shift();
  if (open || first === undefined) throw malformed("an object identifier is cut short");
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...arcs].join(".");
}

/** A non-negative INTEGER small enough to count with. */
export function decodeSmallInteger(content: Buffer): number {
  const first = content[0];
  if (first === undefined || first > 0x7f || content.length > 5) throw malformed("an integer out of range");
  return content.readUIntBE(0, content.length);
}

/** The bits of a BIT STRING's content, most significant first, as in KeyUsage (RFC 5280, 4.2.1.3). */
export function decodeBits(content: Buffer): boolean[] {
  const unused = content[0];
  if (unused === undefined || unused > 7) throw malformed("a bit string without its count of unused bits");
  const bits: boolean[] = [];
  const total = (content.length - 1) * 8 - unused;
  for (let bit = 0; bit < total; bit += 1) {
    bits.push((((content[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) === 1);
  }
  return bits;
}

/** The bytes of a BIT STRING of whole bytes, such as a signature or a public key. Throws `malformed` for unused bits. */
export function decodeWholeBytes(element: Element | undefined): Buffer {
  const { content } = expectTag(element, TAG.bitString);
  if (content[0] !== 0) throw malformed("a bit string of whole bytes with unused bits");
  return content.subarray(1);
}

/** The moment of a UTCTime or GeneralizedTime in the only forms that RFC 5280, 4.1.2.5 allows (to the second, in Z). */
export function decodeTime(element: Element): Date {
  const text = element.content.toString("latin1");
  const match =
    element.tag === TAG.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : element.tag === TAG.generalizedTime
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null;
  if (match === null) throw malformed("a time that is neither UTCTime nor GeneralizedTime to the second");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  // UTCTime has two digits: below 50 is this century (RFC 5280, 4.1.2.5.1).
  const century = element.tag === TAG.utcTime ? (year < 50 ? 2000 : 1900) : 0;
  const date = new Date(0);
  date.setUTCFullYear(century + year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw malformed("a time that is no moment of the calendar");
  }
  return date;
}

/** UCS-4, big-endian. */
function decodeUniversal(content: Buffer): string {
  if (content.length % 4 !== 0) throw malformed("a UniversalString of odd length");
  const points: number[] = [];
  for (let at = 0; at < content.length; at += 4) points.push(content.readUInt32BE(at));
  if (points.some((point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)))
    throw malformed("a UniversalString of what are no characters");
  return points.map((point) => String.fromCodePoint(point)).join("");
}

/** The text of any of the string types of a DirectoryString (RFC 5280, 4.1.2.4), and of those that names carry besides. */
export function decodeString(element: Element): string {
  const { tag, content } = element;
  switch (tag) {
    case TAG.utf8String:
      return content.toString("utf8");
    case TAG.bmpString: {
      if (content.length % 2 !== 0) throw malformed("a BMPString of odd length");
      return Buffer.from(content).swap16().toString("utf16le");
    }
    case TAG.universalString:
      return decodeUniversal(content);
    case TAG.printableString:
    case TAG.numericString:
    case TAG.visibleString:
    case TAG.ia5String:
    case TAG.teletexString:
      return content.toString("latin1");
    default:
      throw malformed(`a name's value of tag 0x${tag.toString(16)}`);
  }
}
