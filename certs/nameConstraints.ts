import { decodeOid, type Element, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";
import { matchKey, type NameAttribute, parseName } from "./names";

/** The kinds of GeneralName by their context tags (RFC 5280, 4.2.1.6). */
const [EMAIL, DNS, DIRECTORY, URI, IP] = [0x81, 0x82, 0xa4, 0x86, 0x87] as const;
const EMAIL_ADDRESS_OID = "1.2.840.113549.1.9.1";

/** A bound on work for hostile certificates: each name is compared with each constraint. OpenSSL has one too. */
const MOST_COMPARISONS = 10_000;

/** A name of a certificate, or one that a constraint permits or excludes. */
interface GeneralName {
  readonly tag: number;
  /** Without the context tag: of a directory name its DER. */
  readonly content: Buffer;
}

/** What name constraints are checked against. */
export interface ConstrainedNames {
  readonly subjectDer: Buffer;
  /** DER of the subjectAltName's value. */
  readonly subjectAltName: Buffer | undefined;
}

const text = ({ content }: GeneralName): string => content.toString("latin1");
const rdnsOf = (name: GeneralName): string[] => parseName(name.content).map((rdn) => matchKey([rdn]));

/** Whether a host is a domain or below it; a leading dot permits hosts below it only. */
function isHostWithin(host: string, domain: string): boolean {
  const [name, base] = [host.toLowerCase(), domain.toLowerCase()];
  if (base === "") return true;
  if (base.startsWith(".")) return name.length > base.length && name.endsWith(base);
  return name === base || name.endsWith(`.${base}`);
}

/** A host by itself, or below a domain with a leading dot: as constraints of mail and URIs are written. */
const isHost = (host: string, constraint: string): boolean =>
  constraint.startsWith(".") ? isHostWithin(host, constraint) : host.toLowerCase() === constraint.toLowerCase();

function isMailWithin(mail: string, constraint: string): boolean {
  const at = mail.lastIndexOf("@");
  const split = constraint.lastIndexOf("@");
  const host = mail.slice(at + 1);
  if (split < 0) return isHost(host, constraint);
  // The part before the @ has letter case (RFC 5280, 7.5).
  return mail.slice(0, at) === constraint.slice(0, split) && isHost(host, constraint.slice(split + 1));
}

/** The host of a URI with an authority (RFC 3986, 3.2), without user and port. */
function hostOf(uri: string): string {
  const at = uri.indexOf("://");
  const authority = at < 0 ? "" : (uri.slice(at + 3).split(/[/?#]/, 1)[0] ?? "");
  const host = authority.slice(authority.lastIndexOf("@") + 1).split(":", 1)[0] ?? "";
  if (host === "") throw new CertsError("malformed", "a URI without a host under a name constraint");
  return host;
}

function isAddressWithin(address: Buffer, constraint: Buffer): boolean {
  const size = constraint.length / 2;
  if (size !== 4 && size !== 16) throw new CertsError("malformed", "an address range of an odd length");
  const [base, mask] = [constraint.subarray(0, size), constraint.subarray(size)];
  return address.length === size && address.every((byte, at) => ((byte ^ (base[at] ?? 0)) & (mask[at] ?? 0)) === 0);
}

function isDirectoryNameWithin(name: GeneralName, constraint: GeneralName): boolean {
  const parts = rdnsOf(name);
  return rdnsOf(constraint).every((rdn, at) => parts[at] === rdn);
}

/** Whether a name is within a subtree of its kind (RFC 5280, 4.2.1.10). Throws `malformed` for kinds that are not understood. */
function isWithin(name: GeneralName, constraint: GeneralName): boolean {
  switch (name.tag) {
    case DNS:
      return isHostWithin(text(name), text(constraint));
    case EMAIL:
      return isMailWithin(text(name), text(constraint));
    case URI:
      return isHost(hostOf(text(name)), text(constraint));
    case IP:
      return isAddressWithin(name.content, constraint.content);
    case DIRECTORY:
      return isDirectoryNameWithin(name, constraint);
    default:
      throw new CertsError("malformed", `a name constraint of tag 0x${name.tag.toString(16)}`);
  }
}

const generalName = ({ tag, content }: Element): GeneralName => ({ tag, content });

const mailsOf = (name: readonly (readonly NameAttribute[])[]): GeneralName[] =>
  name
    .flat()
    .filter(({ oid }) => oid === EMAIL_ADDRESS_OID)
    .map(({ value }) => ({ tag: EMAIL, content: Buffer.from(value, "latin1") }));

/** All names of a certificate: its subject, the mail addresses in it, and its alternative names. */
function namesOf({ subjectDer, subjectAltName }: ConstrainedNames): GeneralName[] {
  const subject = parseName(subjectDer);
  const alternative = subjectAltName ? readChildren(readWhole(subjectAltName, TAG.sequence).content) : [];
  return [
    ...(subject.length > 0 ? [{ tag: DIRECTORY, content: subjectDer }] : []),
    ...mailsOf(subject),
    ...alternative.map(generalName),
  ];
}

/** A base, and whether a minimum or maximum follows it: RFC 5280 has no use for them, and zero, the default, is not encoded. */
interface Subtree extends GeneralName {
  readonly isLimited: boolean;
}

/** The permitted (`0xa0`) or excluded (`0xa1`) subtrees. */
function subtreesOf(constraints: readonly Element[], tag: number): Subtree[] {
  const list = constraints.find((each) => each.tag === tag);
  return readChildren(list?.content ?? Buffer.alloc(0)).map((subtree) => {
    const [base, ...limits] = readChildren(expectTag(subtree, TAG.sequence).content);
    if (!base) throw new CertsError("malformed", "a subtree without a base");
    return { ...generalName(base), isLimited: limits.length > 0 };
  });
}

const KINDS: Readonly<Record<number, string>> = Object.freeze({
  [EMAIL]: "mail address",
  [DNS]: "DNS name",
  [DIRECTORY]: "directory name",
  [URI]: "URI",
  [IP]: "IP address",
});

/** What a name of a kind is called in messages. */
const kindOf = ({ tag, content }: GeneralName): string =>
  tag === 0xa0
    ? `other name ${decodeOid(expectTag(readChildren(content)[0], TAG.oid).content)}`
    : (KINDS[tag] ?? "name");

/**
 * Checks the names of a certificate against the name constraints of a CA above it (RFC 5280, 4.2.1.10 and 6.1.3). `value` is
 * the DER of that extension's value. Returns what is wrong in words, for example `has a DNS name that is not permitted`;
 * undefined if nothing is. Throws `malformed` for what cannot be read or is not understood.
 */
export function nameConstraintError(value: Buffer, certificate: ConstrainedNames): string | undefined {
  const constraints = readChildren(readWhole(value, TAG.sequence).content);
  const [permitted, excluded] = [subtreesOf(constraints, 0xa0), subtreesOf(constraints, 0xa1)];
  const names = namesOf(certificate);
  if (names.length * (permitted.length + excluded.length) > MOST_COMPARISONS) {
    throw new CertsError("malformed", `more than ${MOST_COMPARISONS} comparisons of names with constraints`);
  }
  for (const name of names) {
    const within = (base: Subtree): boolean => {
      if (base.tag !== name.tag) return false;
      if (base.isLimited) throw new CertsError("malformed", "a subtree with a minimum or maximum");
      return isWithin(name, base);
    };
    const allowed = permitted.filter(({ tag }) => tag === name.tag);
    if (allowed.length > 0 && !allowed.some(within)) return `has a ${kindOf(name)} that is not permitted`;
    if (excluded.some(within)) return `has a ${kindOf(name)} that is excluded`;
  }
  return undefined;
}
