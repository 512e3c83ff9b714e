import type { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import { CertsError } from "./errors";
import type { KeyUsage } from "./extensions";
import { keyIdentifier } from "./publicKey";

/**
 * The one place that makes certificates and certificate requests, by `@peculiar/x509`. The library never holds a private
 * key: it gives the bytes to be signed to a {@link CertificateSigner}.
 */

/** What signs. The private key may be in this process or in a key vault. */
export interface CertificateSigner {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly algorithm: {
    readonly name: string;
    /** Bytes of a signature. */
    readonly signatureLength: number;
    /** The signature algorithm as WebCrypto names it. */
    readonly webCrypto: { readonly name: string; readonly hash: string; readonly namedCurve?: string };
  };
  /** Returns RSA PKCS#1 v1.5 signatures as they are, and ECDSA's as r||s (IEEE P1363). */
  sign(tbs: Buffer): Promise<Uint8Array>;
}

/** A distinguished name, its most general part first: `[{ CN: [{ utf8String: "device-01" }] }]`. Types by name or OID. */
export type Name = X509.JsonNameParams;

/** An entry of the subjectAltName: ASCII for `dns` and `email`, any text for `upn` (Microsoft's user principal name). */
export interface AlternativeName {
  readonly type: "dns" | "ip" | "email" | "upn";
  readonly value: string;
}

/** The extensions that a certificate has, or a request asks for. Empty lists leave their extension out. */
export interface ExtensionFields {
  readonly basicConstraints: {
    readonly ca: boolean;
    /** CA certificates allowed below; undefined: no limit. */
    readonly pathLength?: number;
    readonly critical: boolean;
  };
  /** Always critical. */
  readonly keyUsage: readonly KeyUsage[];
  /** OIDs of the extended key usage. */
  readonly purposes: readonly string[];
  readonly alternativeNames?: readonly AlternativeName[];
  /** Default false; true for a certificate without a subject (RFC 5280, 4.2.1.6). */
  readonly alternativeNamesCritical?: boolean;
  /** Further extensions, with the DER of their values. */
  readonly others?: readonly { readonly oid: string; readonly critical: boolean; readonly value: Uint8Array }[];
}

/** All of a certificate but its signature. The subject key identifier is added. */
export interface CertificateFields extends ExtensionFields {
  readonly subject: Name;
  /** DER Name of the issuer, byte for byte as its certificate has it; undefined: the subject itself. */
  readonly issuer?: Uint8Array;
  /** Hex, positive, at most 20 bytes as an INTEGER. */
  readonly serialNumber: string;
  /** To the second. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Hex of the issuer's subject key identifier; undefined: the extension is left out. */
  readonly authorityKeyIdentifier?: string;
}

/** Loading the library takes some 80 ms, which a run that makes no certificate need not wait for. */
function library(): typeof X509 {
  require("reflect-metadata");
  return require("@peculiar/x509") as typeof X509;
}

/** Groups of hexadecimal digits alone: the library does not read an IPv6 address with a dotted tail. */
function plainAddress(address: string): string {
  const version = address.includes("%") ? 0 : isIP(address);
  if (version === 0) throw new CertsError("badName", `'${address}' is no IP address`, { data: { address } });
  return version === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function checkedName({ type, value }: AlternativeName): { type: AlternativeName["type"]; value: string } {
  if (type === "ip") return { type, value: plainAddress(value) };
  if (type === "upn" || /^[\x21-\x7e]+$/.test(value)) return { type, value };
  throw new CertsError("badName", `'${value}' is no name of type ${type}: ASCII only, others in their xn-- form`, {
    data: { name: value },
  });
}

function extensionsOf(fields: ExtensionFields, x509: typeof X509): X509.Extension[] {
  const { basicConstraints, keyUsage, purposes, alternativeNames = [], alternativeNamesCritical, others = [] } = fields;
  const { ca, pathLength, critical } = basicConstraints;
  const made: X509.Extension[] = [new x509.BasicConstraintsExtension(ca, pathLength, critical)];
  if (keyUsage.length > 0) {
    const flags = keyUsage.reduce((all, usage) => all | x509.KeyUsageFlags[usage], 0);
    made.push(new x509.KeyUsagesExtension(flags, true));
  }
  if (purposes.length > 0) made.push(new x509.ExtendedKeyUsageExtension([...purposes]));
  if (alternativeNames.length > 0) {
    const names = alternativeNames.map(checkedName);
    made.push(new x509.SubjectAlternativeNameExtension(names, alternativeNamesCritical));
  }
  for (const { oid, critical: isCritical, value } of others) made.push(new x509.Extension(oid, isCritical, value));
  return made;
}

/** The signer as the library takes a key: a CryptoKey in name, and the WebCrypto that signs with it. */
function keyOf(signer: CertificateSigner, exact: readonly Uint8Array[]) {
  const { name, signatureLength, webCrypto } = signer.algorithm;
  const sign = async (_algorithm: unknown, _key: unknown, data: ArrayBuffer): Promise<Uint8Array> => {
    const tbs = Buffer.from(data);
    // The library reads and writes again what it is given; a certificate with another issuer would have no chain.
    if (!exact.every((part) => tbs.includes(Buffer.from(part)))) {
      throw new CertsError("malformed", "The issuer's name or the public key is not in canonical DER");
    }
    const signature = await signer.sign(tbs);
    if (signature.length === signatureLength) return signature;
    throw new TypeError(
      `The signer gave ${signature.length} bytes where ${name} has ${signatureLength}; ECDSA is r||s, not DER`,
    );
  };
  const key = { algorithm: webCrypto } as unknown as webcrypto.CryptoKey;
  const crypto = { subtle: { sign, exportKey: async () => signer.publicKey } } as unknown as webcrypto.Crypto;
  return { key, crypto };
}

/**
 * Makes a certificate, DER, signed by `signer`. Throws CertsError `badName` and `malformed` before anything is signed, and
 * a `TypeError` for a signature of the wrong length.
 */
export async function createCertificate(fields: CertificateFields, signer: CertificateSigner): Promise<Buffer> {
  const x509 = library();
  const { serialNumber, notBefore, notAfter, publicKey, authorityKeyIdentifier } = fields;
  const subject = new x509.Name(fields.subject);
  const extensions = [...extensionsOf(fields, x509), new x509.SubjectKeyIdentifierExtension(keyIdentifier(publicKey))];
  if (authorityKeyIdentifier !== undefined) {
    extensions.push(new x509.AuthorityKeyIdentifierExtension(authorityKeyIdentifier));
  }
  const issuer = fields.issuer === undefined ? subject : new x509.Name(fields.issuer);
  const { key, crypto } = keyOf(signer, fields.issuer === undefined ? [publicKey] : [publicKey, fields.issuer]);
  const made = await x509.X509CertificateGenerator.create(
    { serialNumber, subject, issuer, notBefore, notAfter, publicKey, signingKey: key, extensions },
    crypto,
  );
  return Buffer.from(made.rawData);
}

/** Makes a certificate request (PKCS#10, RFC 2986), DER, for the key of `signer`. Throws as {@link createCertificate}. */
export async function createCertificateRequest(
  request: { readonly subject: Name; readonly extensions?: ExtensionFields },
  signer: CertificateSigner,
): Promise<Buffer> {
  const x509 = library();
  const { key, crypto } = keyOf(signer, [signer.publicKey]);
  const made = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: new x509.Name(request.subject),
      keys: { privateKey: key, publicKey: key },
      signingAlgorithm: signer.algorithm.webCrypto,
      extensions: request.extensions && extensionsOf(request.extensions, x509),
    },
    crypto,
  );
  return Buffer.from(made.rawData);
}
