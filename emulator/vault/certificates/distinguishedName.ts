import { textOf } from "../../../certs/names";
import type { Name } from "../../../certs/x509";
import { badParameter } from "../vaultErrors";

/** OIDs of attribute types by their names in certificate policies (RFC 4514 and Windows). */
const TYPES: Readonly<Record<string, string>> = Object.freeze({
  CN: "2.5.4.3",
  SN: "2.5.4.4",
  SERIALNUMBER: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  S: "2.5.4.8",
  ST: "2.5.4.8",
  STREET: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  T: "2.5.4.12",
  G: "2.5.4.42",
  DC: "0.9.2342.19200300.100.1.25",
  UID: "0.9.2342.19200300.100.1.1",
  E: "1.2.840.113549.1.9.1",
  EMAILADDRESS: "1.2.840.113549.1.9.1",
});

const ONLY_ASCII: ReadonlySet<string> = new Set([TYPES.DC, TYPES.E].map(String));

interface Attribute {
  readonly oid: string;
  readonly value: string;
}

const invalid = (subject: string, reason: string): Error =>
  badParameter(`Property policy.x509_props.subject has invalid value '${subject.slice(0, 200)}': ${reason}.`);

/** Splits at commas and semicolons outside quotes and escapes, and removes quotes and escapes. */
function split(subject: string): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  for (let at = 0; at < subject.length; at += 1) {
    const char = subject.charAt(at);
    if (char === "\\" && at + 1 < subject.length) {
      at += 1;
      part += subject.charAt(at);
    } else if (char === '"') quoted = !quoted;
    else if (char === "+" && !quoted) throw invalid(subject, "multi-valued attributes (+) are not emulated");
    else if ((char === "," || char === ";") && !quoted) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  if (quoted) throw invalid(subject, "a quotation mark is not closed");
  return [...parts, part];
}

function attributeOf(text: string, subject: string): Attribute {
  const at = text.indexOf("=");
  const name = text.slice(0, at).trim().toUpperCase();
  const value = text.slice(at + 1).trim();
  if (at < 1 || value === "") throw invalid(subject, "write attributes such as CN=device, O=Contoso");
  const dotted = /^(?:OID\.)?([0-2](?:\.(?:0|[1-9]\d*))+)$/.exec(name)?.[1];
  const oid = dotted ?? TYPES[name];
  if (oid === undefined) throw invalid(subject, `unknown attribute type '${name}'`);
  return { oid, value };
}

/**
 * Reads the subject of a policy, most specific attribute first: `CN=device-01, O=Contoso, C=SE`. Returns an empty name for
 * an empty string. Throws 400 BadParameter.
 */
export function subjectName(subject: string): Name {
  const parts = subject.trim() === "" ? [] : split(subject).map((part) => attributeOf(part, subject));
  return parts.reverse().map(({ oid, value }) => {
    const isAscii = /^[\x20-\x7e]*$/.test(value);
    return { [oid]: [ONLY_ASCII.has(oid) && isAscii ? { ia5String: value } : textOf(value)] };
  });
}
