/** The deepest nesting of values that a client may send. */
const MAX_DEPTH = 32;
/** The most elements of an array without a size of their own (null, true, an empty list), which cost the sender nothing. */
const MAX_EMPTY = 1024;

/** Bytes that are not AMQP's encoding of values. */
export class MalformedValue extends Error {
  override readonly name = "MalformedValue";
}

/** The width of values by the upper half of the type's code (AMQP 1.0, 1.2): bytes of a fixed one, or of the size of others. */
const WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };

/** The codes of AMQP's types. */
const CODES = new Set([
  ...[0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71, 0x72],
  ...[0x73, 0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3],
  ...[0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0],
]);

/**
 * Checks values before rhea decodes them: that every size and count lies within the bytes, so that decoding takes time
 * and memory in proportion to them. rhea itself believes a count of four billion nulls.
 */
export class ValueChecker {
  #at: number;

  constructor(
    private readonly bytes: Buffer,
    at = 0,
  ) {
    this.#at = at;
  }

  /** Checks values to the end of the bytes. Throws MalformedValue. */
  checkAll(): void {
    while (this.#at < this.bytes.length) this.value(this.bytes.length, 0);
  }

  /** Checks one value that ends before `end`; returns where it ends. Throws MalformedValue. */
  value(end: number, depth: number): number {
    this.#contents(this.#typeCode(end, depth), end, depth);
    return this.#at;
  }

  #uint(width: number, end: number): number {
    if (this.#at + width > end) throw new MalformedValue("a value ends after its frame");
    const value = width === 1 ? this.bytes.readUInt8(this.#at) : this.bytes.readUInt32BE(this.#at);
    this.#at += width;
    return value;
  }

  #typeCode(end: number, depth: number): number {
    const code = this.#uint(1, end);
    if (code !== 0) {
      if (!CODES.has(code)) throw new MalformedValue(`0x${code.toString(16)} is no type`);
      return code;
    }
    if (depth >= MAX_DEPTH) throw new MalformedValue(`more than ${MAX_DEPTH} levels`);
    this.value(end, depth + 1);
    return this.#typeCode(end, depth + 1);
  }

  #contents(code: number, end: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw new MalformedValue(`more than ${MAX_DEPTH} levels`);
    const category = code >> 4;
    const fixed = WIDTHS[category];
    if (fixed !== undefined) this.#skip(fixed, end);
    else if (category <= 0xb) this.#skip(this.#uint(category === 0xa ? 1 : 4, end), end);
    else if (category <= 0xd) this.#compound(category === 0xc ? 1 : 4, end, depth);
    else this.#array(category === 0xe ? 1 : 4, end, depth);
  }

  #skip(size: number, end: number): void {
    if (this.#at + size > end) throw new MalformedValue("a value ends after its frame");
    this.#at += size;
  }

  #sizeAndCount(width: number, end: number): { readonly ends: number; readonly count: number } {
    const size = this.#uint(width, end);
    const ends = this.#at + size;
    if (ends > end || size < width) throw new MalformedValue("a list ends after its frame");
    return { ends, count: this.#uint(width, ends) };
  }

  #compound(width: number, end: number, depth: number): void {
    const { ends, count } = this.#sizeAndCount(width, end);
    for (let index = 0; index < count; index += 1) this.value(ends, depth + 1);
    if (this.#at !== ends) throw new MalformedValue("a list's size is not that of its values");
  }

  #array(width: number, end: number, depth: number): void {
    const { ends, count } = this.#sizeAndCount(width, end);
    const code = this.#typeCode(ends, depth + 1);
    if (WIDTHS[code >> 4] === 0 && count > MAX_EMPTY) throw new MalformedValue(`more than ${MAX_EMPTY} empty values`);
    for (let index = 0; index < count; index += 1) this.#contents(code, ends, depth + 1);
    if (this.#at !== ends) throw new MalformedValue("an array's size is not that of its values");
  }
}
