import * as fc from "fast-check";

/** UTF-16's surrogates, which are no characters alone: from U+D800. */
const [SURROGATES, SURROGATE_COUNT] = [0xd800, 0x800] as const;

const characterAt = (index: number): string =>
  String.fromCodePoint(index < SURROGATES ? index : index + SURROGATE_COUNT);

function indexOf(text: unknown): number {
  const [character = "", ...more] = String(text);
  const code = character.codePointAt(0);
  if (code === undefined || more.length > 0) throw new TypeError("not one character");
  return code < SURROGATES ? code : code - SURROGATE_COUNT;
}

/**
 * Any Unicode character, as a unit of `fc.string`: the same as fast-check's unit `binary`, which makes a table of all 1.1 million
 * characters first, 85 MB that stay.
 */
export const anyCharacter = fc.nat(0x10ffff - SURROGATE_COUNT).map(characterAt, indexOf);
