import { decodeOid, decodeString, expectTag, readChildren, readWhole, TAG } from "./der";
import type { Name } from "./x509";

/** The X.509 rule of a common name: ub-common-name of RFC 5280, appendix A.1, in characters. */
export const COMMON_NAME_RULE = Object.freeze({
  minLength: 1,
  maxLength: 64,
  source: "RFC 5280, appendix A.1 (ub-common-name)",
});

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** Dotted object identifier of the attribute's type. */
  readonly oid: string;
  readonly value: string;
}

const COMMON_NAME_OID = "2.5.4.3";

/** The short names of RFC 4514, section 3, and those that certificates of the field carry besides. */
const SHORT_NAMES: Readonly<Record<string, string>> = Object.freeze({
  [COMMON_NAME_OID]: "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "E",
});

/**
 * The rule that a common name breaks, in words; undefined when it breaks none. Length counts characters (code points), not
 * bytes. The rules of a registration ID are narrower and belong to Azure, not to X.509.
 */
export function commonNameError(commonName: string): string | undefined {
  const length = [...commonName].length;
  const { minLength, maxLength, source } = COMMON_NAME_RULE;
  if (length < minLength) return `a common name has at least ${minLength} character (${source})`;
  if (length > maxLength) return `a common name has at most ${maxLength} characters, this one ${length} (${source})`;
  // A NUL or line break has been used to make two readers see two names; no valid name has one.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(commonName)) return "a common name has no control characters";
  if (/\p{Surrogate}/u.test(commonName)) return "a common name is well-formed Unicode";
  return undefined;
}

/** A character as the hexadecimal pairs of its bytes (RFC 4514, 2.4). */
const hexPairs = (character: string): string =>
  Buffer.from(character, "utf8").toString("hex").toUpperCase().replace(/../g, "\\$&");

/** A value as RFC 4514, 2.4 writes it. Control and formatting characters of a stranger's name do nothing to a terminal. */
function escapeValue(value: string): string {
  return value
    .replace(/[\\,+"<>;=]/g, "\\$&")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hexPairs)
    .replace(/^[ #]/, "\\$&")
    .replace(/ $/, "\\ ");
}

/**
 * A distinguished name as text: RFC 4514 with a blank after each comma, most specific part first, as Azure shows it
 * (`CN=my-ca, O=Contoso, C=SE`). Types without a short name are shown by their OID.
 */
export function formatName(rdns: readonly (readonly NameAttribute[])[]): string {
  return [...rdns]
    .reverse()
    .map((rdn) => rdn.map(({ oid, value }) => `${SHORT_NAMES[oid] ?? oid}=${escapeValue(value)}`).join("+"))
    .join(", ");
}

/** The name with this common name alone: PrintableString where it fits, else UTF8String (RFC 5280, 4.1.2.4). */
export function nameOf(commonName: string): Name {
  return [{ CN: [textOf(commonName)] }];
}

/** A name's value in the string type that RFC 5280, 4.1.2.4 asks for. */
export function textOf(value: string): { printableString: string } | { utf8String: string } {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value };
}

/** The parts of a DER Name in the order they are encoded. Throws `malformed`. */
export function parseName(der: Buffer): NameAttribute[][] {
  return readChildren(readWhole(der, TAG.sequence).content).map((rdn) =>
    readChildren(expectTag(rdn, TAG.set).content).map((attribute) => {
      const [type, value] = readChildren(expectTag(attribute, TAG.sequence).content);
      if (value === undefined) return { oid: decodeOid(expectTag(type, TAG.oid).content), value: "" };
      return { oid: decodeOid(expectTag(type, TAG.oid).content), value: decodeString(value) };
    }),
  );
}

/**
 * The common name, or undefined when there is none or more than one: two common names make it a matter of taste which
 * one names the device, and an identity must not be that.
 */
export function commonNameOf(rdns: readonly (readonly NameAttribute[])[]): string | undefined {
  const found = rdns.flat().filter(({ oid }) => oid === COMMON_NAME_OID);
  return found.length === 1 ? found[0]?.value : undefined;
}

/**
 * A text that is equal for names that RFC 5280, 7.1 calls a match: letter case, blanks around and runs of blanks inside
 * a value, and the string type do not count.
 */
export function matchKey(rdns: readonly (readonly NameAttribute[])[]): string {
  return JSON.stringify(
    rdns.map((rdn) =>
      rdn.map(({ oid, value }) => `${oid}=${value.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ")}`).sort(),
    ),
  );
}
