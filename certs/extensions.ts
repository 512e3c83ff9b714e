import { decodeBits, decodeOid, decodeSmallInteger, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";

/** The bits of KeyUsage in their order (RFC 5280, 4.2.1.3). */
export const KEY_USAGES = Object.freeze([
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const);

/** One use of a key (RFC 5280, 4.2.1.3). */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** The purposes of an extended key usage that this toolkit knows, with their OIDs (RFC 5280, 4.2.1.12). */
export const PURPOSE_OIDS = Object.freeze({
  clientAuth: "1.3.6.1.5.5.7.3.2",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  any: "2.5.29.37.0",
});

/** OIDs of the certificate extensions that are read here (RFC 5280, 4.2.1). */
export const EXTENSION_OIDS = Object.freeze({
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  nameConstraints: "2.5.29.30",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  policyConstraints: "2.5.29.36",
  inhibitAnyPolicy: "2.5.29.54",
});

/** Extensions that are kept as they are: path checks read them where a CA constrains names or policies. */
const KEPT = [
  "subjectAltName",
  "nameConstraints",
  "certificatePolicies",
  "policyMappings",
  "policyConstraints",
  "inhibitAnyPolicy",
] as const;

/** What the extensions of a certificate say. A field is undefined when its extension is absent. */
export interface Extensions {
  readonly isCa: boolean;
  /** Whether there is a basicConstraints extension at all. */
  readonly hasBasicConstraints: boolean;
  /** How many further CA certificates may be between this one and a leaf; undefined: no limit. */
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly KeyUsage[] | undefined;
  /** OIDs of the purposes. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Lower-case hex. */
  readonly subjectKeyIdentifier: string | undefined;
  /** The keyIdentifier of the authority key identifier, lower-case hex. */
  readonly authorityKeyIdentifier: string | undefined;
  /** The issuer's certificate as the authority key identifier names it: DER of its issuer's name, and its serial number's content. */
  readonly authorityIssuer: Buffer | undefined;
  readonly authoritySerialNumber: Buffer | undefined;
  /** DER of the values of further extensions that are understood, by name. */
  readonly values: Readonly<Partial<Record<(typeof KEPT)[number], Buffer>>>;
  /** OIDs of critical extensions that are not understood: such a certificate must be refused (RFC 5280, 4.2). */
  readonly unknownCritical: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readBasicConstraints(value: Buffer, into: Mutable<Extensions>): void {
  into.hasBasicConstraints = true;
  for (const child of readChildren(readWhole(value, TAG.sequence).content)) {
    if (child.tag === TAG.boolean) into.isCa = child.content[0] !== 0;
    else into.pathLength = decodeSmallInteger(expectTag(child, TAG.integer).content);
  }
}

function readAuthorityKeyIdentifier(value: Buffer, into: Mutable<Extensions>): void {
  const parts = readChildren(readWhole(value, TAG.sequence).content);
  const part = (wanted: number): Buffer | undefined => parts.find(({ tag }) => tag === wanted)?.content;
  const names = readChildren(part(0xa1) ?? Buffer.alloc(0));
  into.authorityKeyIdentifier = part(0x80)?.toString("hex");
  into.authorityIssuer = names.find(({ tag }) => tag === 0xa4)?.content;
  into.authoritySerialNumber = part(0x82);
}

const READERS: Readonly<Record<string, (value: Buffer, into: Mutable<Extensions>) => void>> = Object.freeze({
  [EXTENSION_OIDS.basicConstraints]: readBasicConstraints,
  [EXTENSION_OIDS.authorityKeyIdentifier]: readAuthorityKeyIdentifier,
  [EXTENSION_OIDS.keyUsage](value, into) {
    const bits = decodeBits(readWhole(value, TAG.bitString).content);
    into.keyUsage = KEY_USAGES.filter((_, index) => bits[index] === true);
  },
  [EXTENSION_OIDS.extendedKeyUsage](value, into) {
    into.extendedKeyUsage = readChildren(readWhole(value, TAG.sequence).content).map((purpose) =>
      decodeOid(expectTag(purpose, TAG.oid).content),
    );
  },
  [EXTENSION_OIDS.subjectKeyIdentifier](value, into) {
    into.subjectKeyIdentifier = readWhole(value, TAG.octetString).content.toString("hex");
  },
  ...Object.fromEntries(
    KEPT.map((name) => [
      EXTENSION_OIDS[name],
      (value: Buffer, into: Mutable<Extensions>) => {
        into.values = { ...into.values, [name]: value };
      },
    ]),
  ),
});

/** Reads the content of the `[3] EXPLICIT Extensions` of a certificate; `undefined` for a certificate that has none. */
export function readExtensions(content: Buffer | undefined): Extensions {
  const found: Mutable<Extensions> = {
    isCa: false,
    hasBasicConstraints: false,
    pathLength: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    authorityIssuer: undefined,
    authoritySerialNumber: undefined,
    values: {},
    unknownCritical: [],
  };
  if (content === undefined) return found;
  const seen = new Set<string>();
  const unknownCritical: string[] = [];
  for (const extension of readChildren(readWhole(content, TAG.sequence).content)) {
    const parts = readChildren(expectTag(extension, TAG.sequence).content);
    const oid = decodeOid(expectTag(parts[0], TAG.oid).content);
    const critical = parts[1]?.tag === TAG.boolean && parts[1].content[0] !== 0;
    const value = expectTag(parts[parts.length - 1], TAG.octetString).content;
    // Two readers of a doubled extension may believe different ones (RFC 5280, 4.2 forbids it).
    if (seen.has(oid)) throw new CertsError("malformed", `Extension ${oid} appears twice`, { data: { oid } });
    seen.add(oid);
    const read = READERS[oid];
    if (read !== undefined) read(value, found);
    else if (critical) unknownCritical.push(oid);
  }
  found.unknownCritical = unknownCritical;
  return found;
}
