import { sign } from "node:crypto";
import { keyIdentifier } from "../../../certs/build";
import { Certificate } from "../../../certs/certificate";
import { encodeElement, TAG } from "../../../certs/der";
import {
  encodeNamedBits,
  encodeOctetBits,
  encodeOid,
  encodeSmallInteger,
  encodeTime,
  encodeUnsigned,
  NULL,
} from "../../../certs/encode";
import { EXTENSION_OIDS, KEY_USAGES } from "../../../certs/extensions";
import type { CurveName } from "../keys/curves";
import type { KeyMaterial } from "../keys/keyMaterial";
import type { X509Properties } from "./certificatePolicy";
import { encodeSubject } from "./distinguishedName";

/**
 * Certificates and requests as Key Vault makes them: any subject, any extended key usage, keys on P-521 and P-256K too.
 * certs/ issues what this toolkit needs and refuses the rest, so what a policy can ask for is encoded here.
 */

interface Algorithm {
  readonly hash: "sha256" | "sha384" | "sha512";
  readonly oid: string;
}

const RSA: Algorithm = { hash: "sha256", oid: "1.2.840.113549.1.1.11" };
const EC: Readonly<Record<CurveName, Algorithm>> = Object.freeze({
  "P-256": { hash: "sha256", oid: "1.2.840.10045.4.3.2" },
  "P-384": { hash: "sha384", oid: "1.2.840.10045.4.3.3" },
  "P-521": { hash: "sha512", oid: "1.2.840.10045.4.3.4" },
  "P-256K": { hash: "sha256", oid: "1.2.840.10045.4.3.2" },
});

const TRUE = Buffer.from("0101ff", "hex");
const VERSION_3 = Buffer.from("a003020102", "hex");
/** Microsoft's name of a user, in otherName. */
const UPN = "1.3.6.1.4.1.311.20.2.3";
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
/** How far before its making a certificate begins, minutes: for clocks that are behind. */
const BACKDATE_MINUTES = 10;

const sequence = (...deps: readonly Uint8Array[]): Buffer => encodeElement(TAG.sequence, ...deps);
const spkiOf = ({ publicKey }: KeyMaterial): Buffer => publicKey.export({ type: "spki", format: "der" });

function signed(content: Buffer, { privateKey, curve }: KeyMaterial): Buffer {
  const { hash, oid } = curve === undefined ? RSA : EC[curve.name];
  const signature = encodeOctetBits(sign(hash, content, privateKey));
  return sequence(content, algorithmIdentifier(oid), signature);
}

const algorithmIdentifier = (oid: string): Buffer =>
  oid === RSA.oid ? sequence(encodeOid(oid), NULL) : sequence(encodeOid(oid));

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const octets = encodeElement(TAG.octetString, value);
  return critical ? sequence(encodeOid(oid), TRUE, octets) : sequence(encodeOid(oid), octets);
}

function alternativeNames({ dns_names = [], emails = [], upns = [] }: NonNullable<X509Properties["sans"]>): Buffer[] {
  const ascii = (tag: number) => (name: string) => encodeElement(tag, Buffer.from(name, "latin1"));
  const user = (name: string): Buffer => {
    const text = encodeElement(TAG.utf8String, Buffer.from(name, "utf8"));
    return encodeElement(0xa0, encodeOid(UPN), encodeElement(0xa0, text));
  };
  return [...dns_names.map(ascii(0x82)), ...emails.map(ascii(0x81)), ...upns.map(user)];
}

/** The extensions that a policy asks for, in certificates and requests alike. */
function askedExtensions(properties: X509Properties): Buffer[] {
  const { basic_constraints: constraints, key_usage: usages, ekus, sans = {}, subject } = properties;
  const { ca, path_len_constraint: length } = constraints;
  const deps = [...(ca ? [TRUE] : []), ...(length === undefined ? [] : [encodeSmallInteger(length)])];
  const made = [extension(EXTENSION_OIDS.basicConstraints, ca, sequence(...deps))];
  if (usages.length > 0) {
    const bits = encodeNamedBits(KEY_USAGES.map((usage) => usages.includes(usage)));
    made.push(extension(EXTENSION_OIDS.keyUsage, true, bits));
  }
  if (ekus.length > 0) made.push(extension(EXTENSION_OIDS.extendedKeyUsage, false, sequence(...ekus.map(encodeOid))));
  const names = alternativeNames(sans);
  if (names.length > 0) {
    // Without a subject the names are all there is (RFC 5280, 4.2.1.6).
    made.push(extension(EXTENSION_OIDS.subjectAltName, subject.trim() === "", sequence(...names)));
  }
  return made;
}

/** Months later by the calendar; the day is cut to the month's last. */
function monthsAfter(from: Date, months: number): Date {
  const moment = new Date(from);
  moment.setUTCDate(1);
  moment.setUTCMonth(moment.getUTCMonth() + months);
  const last = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 0)).getUTCDate();
  moment.setUTCDate(Math.min(from.getUTCDate(), last));
  return moment;
}

/** From when to when a certificate is valid that is made at `now`. */
export const lifetimeOf = ({ validity_months: months }: X509Properties, now: Date): readonly [Date, Date] => [
  new Date(now.getTime() - BACKDATE_MINUTES * 60_000),
  monthsAfter(now, months),
];

/** A certificate that signs itself, valid from ten minutes ago for the policy's months. `serial`: 16 octets. */
export function selfSign(properties: X509Properties, material: KeyMaterial, now: Date, serial: Buffer): Certificate {
  const name = encodeSubject(properties.subject);
  const spki = spkiOf(material);
  const identifier = Buffer.from(keyIdentifier(spki), "hex");
  const number = Buffer.from(serial);
  // Positive, and of the same length always.
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40;
  const [begins, ends] = lifetimeOf(properties, now);
  const extensions = [
    ...askedExtensions(properties),
    extension(EXTENSION_OIDS.subjectKeyIdentifier, false, encodeElement(TAG.octetString, identifier)),
    extension(EXTENSION_OIDS.authorityKeyIdentifier, false, sequence(encodeElement(0x80, identifier))),
  ];
  const { oid } = material.curve === undefined ? RSA : EC[material.curve.name];
  const tbs = sequence(
    VERSION_3,
    encodeUnsigned(number),
    algorithmIdentifier(oid),
    name,
    sequence(encodeTime(begins), encodeTime(ends)),
    name,
    spki,
    encodeElement(0xa3, sequence(...extensions)),
  );
  return new Certificate(signed(tbs, material));
}

/** A certificate request (PKCS#10, RFC 2986) with the extensions of the policy, DER. */
export function requestCertificate(properties: X509Properties, material: KeyMaterial): Buffer {
  const wished = encodeElement(TAG.set, sequence(...askedExtensions(properties)));
  const attributes = encodeElement(0xa0, sequence(encodeOid(EXTENSION_REQUEST), wished));
  const info = sequence(encodeSmallInteger(0), encodeSubject(properties.subject), spkiOf(material), attributes);
  return signed(info, material);
}
