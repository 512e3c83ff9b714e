/** What `openssl x509 -fingerprint` and Windows print before a thumbprint, without blanks and colons. */
const LABEL = /^(?:(?:sha-?\d+|md5)?(?:finger|thumb)print=?|sha-?\d+=)(?=[0-9a-f]{16})/i;
/** Blanks and colons between digits; marks without width, which Windows' certificate window copies along (U+200E). */
const BETWEEN = /[\s:\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Digits of SHA-1 and SHA-256. */
const LENGTHS = [40, 64];
/** So many digits too few or too many are a slip: two bytes. */
const SLIP = 4;
/** Letters that are no hexadecimal digits in a thumbprint that was typed: O for 0, l for 1. */
const MISREAD = 2;

const digitsOf = (entry: string): string => entry.trim().replace(BETWEEN, "").replace(LABEL, "").toUpperCase();

/** The thumbprint that an entry is: upper-case hexadecimal, 40 or 64 digits. Undefined for anything else. */
export function thumbprintOf(entry: string): string | undefined {
  const digits = digitsOf(entry);
  return /^[0-9A-F]+$/.test(digits) && LENGTHS.includes(digits.length) ? digits : undefined;
}

/** Why an entry is most likely a damaged thumbprint and no registration ID, in words; undefined when it is not. */
export function malformedThumbprintReason(entry: string): string | undefined {
  const digits = digitsOf(entry);
  const isNear = LENGTHS.some((length) => Math.abs(digits.length - length) <= SLIP);
  const isLabelled = LABEL.test(entry.trim().replace(BETWEEN, ""));
  const isPaired = /^(?:[0-9a-f]{2}[: ]){15,}/i.test(entry.trim());
  const others = /^[0-9A-Z]*$/.test(digits) ? digits.replace(/[0-9A-F]/g, "").length : Number.POSITIVE_INFINITY;
  const isHex = others === 0 || (LENGTHS.includes(digits.length) && others <= MISREAD);
  if (!isLabelled && !isPaired && !(isNear && isHex)) return undefined;
  const found = others > 0 ? "has characters that are no hexadecimal digits" : `has ${digits.length} digits`;
  return `looks like a thumbprint but ${found}; SHA-1 has 40, SHA-256 has 64. A registration ID of this form is written id=ID`;
}
