import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { encodeElement, TAG } from "../../../certs/der";
import { rsaKey } from "../rsaKeys";

/** DER by hand: certificates that no library makes, with names, extensions and signatures of any kind. */

/** An object identifier. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...arcs].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      groups.unshift((rest & 0x7f) | 0x80);
    return groups;
  });
  return encodeElement(TAG.oid, Buffer.from(bytes));
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => encodeElement(TAG.sequence, ...parts);
export const octets = (content: Uint8Array): Buffer => encodeElement(TAG.octetString, content);
/** A non-negative INTEGER below 2^31. */
export function integer(value: number, tag: number = TAG.integer): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return encodeElement(tag, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}
export const boolean = (value: boolean): Buffer => encodeElement(TAG.boolean, Buffer.from([value ? 0xff : 0]));
/** Content under a context tag. */
export const context = (tag: number, content: Uint8Array | string): Buffer =>
  encodeElement(tag, typeof content === "string" ? Buffer.from(content, "latin1") : content);

/** The types of names' attributes that chains use. */
const ATTRIBUTES = { CN: "2.5.4.3", O: "2.5.4.10", C: "2.5.4.6", E: "1.2.840.113549.1.9.1" } as const;

/** A name of attributes like `O=Contoso`, the most general first; as UTF8String, or as another string type. */
export function directoryName(attributes: readonly string[], tag: number = TAG.utf8String): Buffer {
  return sequence(
    ...attributes.map((attribute) => {
      const [type = "", value = ""] = attribute.split("=");
      const known = ATTRIBUTES[type as keyof typeof ATTRIBUTES];
      const text = encodeElement(type === "E" ? TAG.ia5String : tag, Buffer.from(value));
      return encodeElement(TAG.set, sequence(oid(known), text));
    }),
  );
}

/** An extension of a forged certificate. */
export interface ForgedExtension {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Buffer;
}

/** A key with its SubjectPublicKeyInfo. */
export interface ForgedKey {
  readonly privateKey: KeyObject;
  readonly spki: Buffer;
  readonly kind: "rsa" | "ec" | "ed25519";
}

/** The key of `kind`; `explicit`: P-256 with its curve's parameters written out, which RFC 5480, 2.1.1 forbids. */
export function newForgedKey(kind: "rsa" | "P-256" | "P-384" | "P-521" | "ed25519" | "explicit"): ForgedKey {
  const privateKey =
    kind === "rsa"
      ? rsaKey()
      : kind === "ed25519"
        ? generateKeyPairSync("ed25519").privateKey
        : generateKeyPairSync("ec", {
            namedCurve: kind === "explicit" ? "P-256" : kind,
            paramEncoding: kind === "explicit" ? "explicit" : "named",
          }).privateKey;
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return { privateKey, spki, kind: kind === "rsa" || kind === "ed25519" ? kind : "ec" };
}

const NULL = Buffer.from([5, 0]);
const SIGNATURES = {
  rsa: {
    sha1: ["1.2.840.113549.1.1.5"],
    sha256: ["1.2.840.113549.1.1.11"],
    sha384: ["1.2.840.113549.1.1.12"],
    sha512: ["1.2.840.113549.1.1.13"],
  },
  ec: {
    sha1: ["1.2.840.10045.4.1"],
    sha256: ["1.2.840.10045.4.3.2"],
    sha384: ["1.2.840.10045.4.3.3"],
    sha512: ["1.2.840.10045.4.3.4"],
  },
} as const;

export type ForgedHash = keyof typeof SIGNATURES.rsa;

function signatureAlgorithm(key: ForgedKey, hash: ForgedHash): Buffer {
  if (key.kind === "ed25519") return sequence(oid("1.3.101.112"));
  const [name] = SIGNATURES[key.kind][hash];
  return key.kind === "rsa" ? sequence(oid(name), NULL) : sequence(oid(name));
}

/** All of a forged certificate. */
export interface ForgedFields {
  readonly version?: 1 | 3;
  readonly serial: number;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Buffer;
  readonly extensions: readonly ForgedExtension[];
  readonly signer: ForgedKey;
  readonly hash: ForgedHash;
  /** Flips a bit of the signature. */
  readonly isBroken?: boolean;
}

const time = (date: Date): Buffer =>
  date.getUTCFullYear() < 2050
    ? encodeElement(TAG.utcTime, Buffer.from(date.toISOString().replace(/^..|[-:T]|\.000/g, "")))
    : encodeElement(TAG.generalizedTime, Buffer.from(date.toISOString().replace(/[-:T]|\.000/g, "")));

const extensionDer = ({ oid: name, critical, value }: ForgedExtension): Buffer =>
  sequence(oid(name), ...(critical ? [boolean(true)] : []), octets(value));

/** A certificate, DER. */
export function forgeCertificate(fields: ForgedFields): Buffer {
  const { version = 3, extensions, signer, hash } = fields;
  const algorithm = signatureAlgorithm(signer, hash);
  const tbs = sequence(
    ...(version === 3 ? [context(0xa0, integer(2))] : []),
    integer(fields.serial),
    algorithm,
    fields.issuer,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject,
    fields.spki,
    ...(version === 3 && extensions.length > 0 ? [context(0xa3, sequence(...extensions.map(extensionDer)))] : []),
  );
  const signature = sign(signer.kind === "ed25519" ? null : hash, tbs, signer.privateKey);
  const last = signature.length - 1;
  if (fields.isBroken) signature[last] = (signature[last] ?? 0) ^ 1;
  return sequence(tbs, algorithm, encodeElement(TAG.bitString, Buffer.alloc(1), signature));
}
