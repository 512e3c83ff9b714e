import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { decodeOid, decodeTime, decodeWholeBytes, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";
import { type Extensions, readExtensions } from "./extensions";
import { refuseOtherKind } from "./fileKind";
import { commonNameOf, formatName, matchKey, type NameAttribute, parseName } from "./names";
import { decodeBase64, looksLikePem, parsePem, toPem } from "./pem";
import { readPublicKey } from "./publicKey";
import { isSignatureBy } from "./signature";

/**
 * A certificate, read once: the fields that path checks need are plain properties, what is seldom needed is computed
 * on first use. Immutable. OpenSSL (through node:crypto, or in TLS: {@link Certificate.presented}) has accepted every
 * certificate that exists as an instance.
 */
export class Certificate {
  /** The whole certificate, DER. */
  readonly raw: Buffer;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Upper-case hex of the serial number's bytes without a sign byte, as Azure shows it. */
  readonly serialNumber: string;
  /** Whether the serial number is negative as a DER INTEGER, which RFC 5280, 4.1.2.2 forbids. */
  readonly isSerialNegative: boolean;
  /** The DER Name as encoded. */
  readonly issuerDer: Buffer;
  readonly subjectDer: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** OID of the algorithm the issuer signed with. */
  readonly signatureOid: string;
  readonly extensions: Extensions;
  /** Texts equal for matching names (RFC 5280, 7.1). */
  readonly subjectKey: string;
  readonly issuerKey: string;
  readonly #tbs: Buffer;
  readonly #signature: Buffer;
  readonly #namesOneAlgorithm: boolean;
  #x509: X509Certificate | undefined;
  readonly #subject: NameAttribute[][];
  readonly #issuer: NameAttribute[][];
  #publicKey: KeyObject | undefined;
  #sha1: string | undefined;
  #sha256: string | undefined;

  /**
   * Reads what a peer presented in TLS, or what was read as a certificate before: OpenSSL, which takes three quarters of
   * the time of a reading, is not asked again. Throws `malformed`.
   */
  static presented(der: Uint8Array): Certificate {
    return new Certificate(der, true);
  }

  /** Reads DER. Throws `malformed`. For PEM and base64 see {@link readCertificates}. */
  constructor(der: Uint8Array, isKnownToOpenSsl = false) {
    // A copy: the caller's buffer may be a view on a socket's memory.
    this.raw = Buffer.from(der);
    const [tbs, algorithm, signature] = readChildren(readWhole(this.raw, TAG.sequence).content);
    this.#tbs = expectTag(tbs, TAG.sequence).raw;
    this.#signature = decodeWholeBytes(signature);
    const fields = readChildren(expectTag(tbs, TAG.sequence).content);
    const explicitVersion = fields[0]?.tag === 0xa0 ? fields.shift() : undefined;
    this.version = explicitVersion === undefined ? 1 : 1 + (explicitVersion.content[2] ?? 0);
    const [serial, inner, issuer, validity, subject, spki, ...optional] = fields;
    const serialOctets = expectTag(serial, TAG.integer).content;
    this.serialNumber = unsignedHex(serialOctets);
    this.isSerialNegative = (serialOctets[0] ?? 0) > 0x7f;
    this.issuerDer = expectTag(issuer, TAG.sequence).raw;
    this.subjectDer = expectTag(subject, TAG.sequence).raw;
    const [notBefore, notAfter] = readChildren(expectTag(validity, TAG.sequence).content);
    if (notBefore === undefined || notAfter === undefined)
      throw new CertsError("malformed", "A validity needs two times");
    this.notBefore = decodeTime(notBefore);
    this.notAfter = decodeTime(notAfter);
    this.spki = expectTag(spki, TAG.sequence).raw;
    const [oid] = readChildren(expectTag(algorithm, TAG.sequence).content);
    this.#namesOneAlgorithm = expectTag(inner, TAG.sequence).raw.equals(expectTag(algorithm, TAG.sequence).raw);
    this.signatureOid = decodeOid(expectTag(oid, TAG.oid).content);
    this.extensions = readExtensions(optional.find(({ tag }) => tag === 0xa3)?.content);
    this.#subject = parseName(this.subjectDer);
    this.#issuer = parseName(this.issuerDer);
    this.subjectKey = matchKey(this.#subject);
    this.issuerKey = matchKey(this.#issuer);
    if (!isKnownToOpenSsl) this.#openSsl();
  }

  /** OpenSSL's own reading. */
  #openSsl(): X509Certificate {
    try {
      this.#x509 ??= new X509Certificate(this.raw);
      return this.#x509;
    } catch (cause) {
      throw new CertsError("malformed", "OpenSSL does not read this certificate", { cause });
    }
  }

  /** The subject as text, most specific part first: `CN=device-01`. */
  get subject(): string {
    return formatName(this.#subject);
  }

  /** The issuer as text, most specific part first. */
  get issuer(): string {
    return formatName(this.#issuer);
  }

  /** The subject's common name, undefined when there is none or more than one. */
  get commonName(): string | undefined {
    return commonNameOf(this.#subject);
  }

  /** The public key, parsed once. Throws `malformed` for one that OpenSSL does not read, such as a point off its curve. */
  get publicKey(): KeyObject {
    try {
      this.#publicKey ??= this.#x509?.publicKey ?? readPublicKey(this.spki);
      return this.#publicKey;
    } catch (cause) {
      throw new CertsError("malformed", `The public key of ${this.subject} cannot be read`, { cause });
    }
  }

  /** The same; undefined for one that OpenSSL does not read. */
  get readablePublicKey(): KeyObject | undefined {
    try {
      return this.publicKey;
    } catch {
      return undefined;
    }
  }

  /** SHA-1 of the DER, 40 upper-case hex digits: the thumbprint that DPS shows. An identifier, no protection. */
  get sha1Thumbprint(): string {
    this.#sha1 ??= createHash("sha1").update(this.raw).digest("hex").toUpperCase();
    return this.#sha1;
  }

  /** SHA-256 of the DER, 64 upper-case hex digits. */
  get sha256Thumbprint(): string {
    this.#sha256 ??= createHash("sha256").update(this.raw).digest("hex").toUpperCase();
    return this.#sha256;
  }

  /** Whether subject and issuer are the same name (RFC 5280 calls it self-issued); the signature is not checked. */
  get isSelfIssued(): boolean {
    return this.subjectKey === this.issuerKey;
  }

  /** The names of the subjectAltName as node:crypto writes them (`DNS:a, IP Address:127.0.0.1`), or undefined. */
  get subjectAltName(): string | undefined {
    return this.#openSsl().subjectAltName;
  }

  /** Whether `key`, the issuer's public key, made this certificate's signature. */
  isSignedBy(key: KeyObject): boolean {
    // RFC 5280, 4.1.1.2: the signature is over its own algorithm's name too, and the one outside says the same.
    if (!this.#namesOneAlgorithm) return false;
    const verdict = isSignatureBy(key, { oid: this.signatureOid, signed: this.#tbs, signature: this.#signature });
    if (verdict !== undefined) return verdict;
    try {
      return this.#openSsl().verify(key);
    } catch {
      // OpenSSL throws when the key is of another kind than the signature.
      return false;
    }
  }

  /** Whether both are the same certificate, byte for byte. */
  equals(other: Certificate): boolean {
    return this === other || this.raw.equals(other.raw);
  }

  /** One PEM block. */
  toPem(): string {
    return toPem("CERTIFICATE", this.raw);
  }
}

/** Upper-case hex of an INTEGER's content without a sign byte. */
export function unsignedHex(content: Buffer): string {
  const start = content.length > 1 && content[0] === 0 ? 1 : 0;
  return content.subarray(start).toString("hex").toUpperCase();
}

/** The forms of a certificate given as input: PEM text, base64 of DER or of PEM (both of which Azure takes), or bytes. */
export type CertificateInput = string | Uint8Array;

/**
 * All certificates of a PEM bundle in their order, or the one of DER or base64. Blocks that are no certificate are
 * passed over. Throws `noCertificate` when there is none, `malformed` when one cannot be read.
 */
export function readCertificates(input: CertificateInput): Certificate[] {
  refuseOtherKind(input);
  if (typeof input !== "string") {
    // A certificate is longer than 127 bytes, so its length takes the long form, which no text has: "0" is 0x30 too.
    if (input[0] === TAG.sequence && (input[1] ?? 0) > 0x7f) return [new Certificate(input)];
    return readCertificates(Buffer.from(input).toString("latin1"));
  }
  if (looksLikePem(input)) {
    const blocks = parsePem(input).filter(({ label }) => label === "CERTIFICATE" || label === "X509 CERTIFICATE");
    if (blocks.length === 0) throw new CertsError("noCertificate", "The PEM text holds no certificate");
    return blocks.map(({ base64 }) => new Certificate(decodeBase64(base64)));
  }
  if (input.trim() === "") throw new CertsError("noCertificate", "The input is empty where a certificate belongs");
  const bytes = decodeBase64(input);
  const inner = bytes.toString("latin1");
  if (looksLikePem(inner)) return readCertificates(inner);
  return [new Certificate(bytes)];
}

/** The only certificate of the input. Throws `severalCertificates` for a bundle of more. */
export function readCertificate(input: CertificateInput): Certificate {
  const [first, ...more] = readCertificates(input);
  if (first === undefined) throw new CertsError("noCertificate", "The input holds no certificate");
  if (more.length > 0) {
    throw new CertsError("severalCertificates", `One certificate was asked for, the input holds ${more.length + 1}`, {
      data: { count: more.length + 1 },
    });
  }
  return first;
}
