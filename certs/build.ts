import { createHash } from "node:crypto";
import type { KeyAlgorithm } from "./algorithms";
import { Certificate } from "./certificate";
import { encodeElement, readChildren, readWhole, TAG } from "./der";
import {
  encodeIpAddress,
  encodeNamedBits,
  encodeOid,
  encodeSignature,
  encodeSignatureAlgorithm,
  encodeSmallInteger,
  encodeTime,
  encodeUnsigned,
} from "./encode";
import { CertsError } from "./errors";
import { EXTENSION_OIDS, KEY_USAGES, type KeyUsage, PURPOSE_OIDS } from "./extensions";
import { encodeName } from "./names";
import type { Profile } from "./profiles";
import type { Signer } from "./signer";
import type { Validity } from "./validity";

/** A certificate as it is to be: everything decided, nothing signed. */
export interface Blueprint {
  readonly profile: Profile;
  /** Path length of basicConstraints; undefined: none. */
  readonly pathLength: number | undefined;
  readonly commonName: string;
  /** DER Name of the issuer as its certificate has it; undefined: self-signed, the subject itself. */
  readonly issuerDer: Buffer | undefined;
  /** Hex of the issuer's subject key identifier; undefined: taken from the signer's key. */
  readonly issuerKeyIdentifier: string | undefined;
  /** Hex, positive. */
  readonly serialNumber: string;
  readonly validity: Validity;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** SHA-1 over the bits of the public key, in hex (RFC 5280, 4.2.1.2, method 1). An identifier, no protection. */
export function keyIdentifier(spki: Uint8Array): string {
  const [, bits] = readChildren(readWhole(Buffer.from(spki), TAG.sequence).content);
  return createHash("sha1")
    .update(bits?.content.subarray(1) ?? Buffer.alloc(0))
    .digest("hex");
}

/** DER of the object identifier rsaEncryption (RFC 8017, A.1). */
const RSA_OID = encodeOid("1.2.840.113549.1.1.1");

function isRsa(spki: Uint8Array): boolean {
  const [algorithm] = readChildren(readWhole(Buffer.from(spki), TAG.sequence).content);
  return algorithm?.content.subarray(0, RSA_OID.length).equals(RSA_OID) === true;
}

/** DER of TRUE, which a critical extension carries and another leaves out (DEFAULT FALSE). */
const TRUE = Buffer.from("0101ff", "hex");

/** `[0] EXPLICIT` version 3. */
const VERSION_3 = Buffer.from("a003020102", "hex");

function extension(oid: string, critical: boolean, value: Uint8Array): Buffer {
  const octets = encodeElement(TAG.octetString, value);
  return critical
    ? encodeElement(TAG.sequence, encodeOid(oid), TRUE, octets)
    : encodeElement(TAG.sequence, encodeOid(oid), octets);
}

/** What is alike in all certificates of a kind, encoded once: bulk issuing makes many of one. */
const alike = new WeakMap<Profile, Map<string, readonly Buffer[]>>();

function profileExtensions(profile: Profile, pathLength: number | undefined, rsa: boolean): readonly Buffer[] {
  let made = alike.get(profile);
  if (made === undefined) {
    made = new Map();
    alike.set(profile, made);
  }
  const variant = `${pathLength} ${rsa}`;
  let extensions = made.get(variant);
  if (extensions === undefined) {
    extensions = encodeProfile(profile, pathLength, rsa);
    made.set(variant, extensions);
  }
  return extensions;
}

function encodeProfile(profile: Profile, pathLength: number | undefined, rsa: boolean): Buffer[] {
  const usages: readonly KeyUsage[] = rsa ? [...profile.keyUsage, ...profile.rsaKeyUsage] : profile.keyUsage;
  const constraints = encodeElement(
    TAG.sequence,
    ...(profile.isCa ? [TRUE] : []),
    ...(pathLength === undefined ? [] : [encodeSmallInteger(pathLength)]),
  );
  const made = [
    extension(EXTENSION_OIDS.basicConstraints, true, constraints),
    extension(EXTENSION_OIDS.keyUsage, true, encodeNamedBits(KEY_USAGES.map((usage) => usages.includes(usage)))),
  ];
  if (profile.purposes.length > 0) {
    const purposes = profile.purposes.map((purpose) => encodeOid(PURPOSE_OIDS[purpose]));
    made.push(extension(EXTENSION_OIDS.extendedKeyUsage, false, encodeElement(TAG.sequence, ...purposes)));
  }
  return made;
}

/** GeneralNames of the subjectAltName (RFC 5280, 4.2.1.6): dNSName is `[2] IA5String`, iPAddress `[7]` octets. */
function alternativeNames(dnsNames: readonly string[], ipAddresses: readonly string[]): Buffer {
  const names = dnsNames.map((name) => {
    if (!/^[\x21-\x7e]+$/.test(name)) {
      throw new CertsError("badName", `'${name}' is no DNS name: ASCII only, others in their xn-- form`, {
        data: { name },
      });
    }
    return encodeElement(0x82, Buffer.from(name, "latin1"));
  });
  const addresses = ipAddresses.map((address) => encodeElement(0x87, encodeIpAddress(address)));
  return encodeElement(TAG.sequence, ...names, ...addresses);
}

/** A bulk run gives many certificates one validity. */
const validities = new WeakMap<Validity, Buffer>();

function encodeValidity(validity: Validity): Buffer {
  let encoded = validities.get(validity);
  if (encoded === undefined) {
    encoded = encodeElement(TAG.sequence, encodeTime(validity.notBefore), encodeTime(validity.notAfter));
    validities.set(validity, encoded);
  }
  return encoded;
}

/** The TBSCertificate (RFC 5280, 4.1) of a blueprint: the bytes to be signed by `signer`. Throws `badName`. */
export function encodeTbs(blueprint: Blueprint, signer: Pick<Signer, "publicKey" | "algorithm">): Buffer {
  const { validity, publicKey, dnsNames, ipAddresses } = blueprint;
  const subject = encodeName(blueprint.commonName);
  const issuerKeyIdentifier = blueprint.issuerKeyIdentifier ?? keyIdentifier(signer.publicKey);
  const authority = encodeElement(0x80, Buffer.from(issuerKeyIdentifier, "hex"));
  const subjectKey = encodeElement(TAG.octetString, Buffer.from(keyIdentifier(publicKey), "hex"));
  const extensions = [
    ...profileExtensions(blueprint.profile, blueprint.pathLength, isRsa(publicKey)),
    extension(EXTENSION_OIDS.subjectKeyIdentifier, false, subjectKey),
    extension(EXTENSION_OIDS.authorityKeyIdentifier, false, encodeElement(TAG.sequence, authority)),
  ];
  if (dnsNames.length + ipAddresses.length > 0) {
    extensions.push(extension(EXTENSION_OIDS.subjectAltName, false, alternativeNames(dnsNames, ipAddresses)));
  }
  return encodeElement(
    TAG.sequence,
    VERSION_3,
    encodeUnsigned(Buffer.from(blueprint.serialNumber, "hex")),
    encodeSignatureAlgorithm(signer.algorithm),
    blueprint.issuerDer ?? subject,
    encodeValidity(validity),
    subject,
    publicKey,
    encodeElement(0xa3, encodeElement(TAG.sequence, ...extensions)),
  );
}

/** SIGNED of X.509 and PKCS#10: what was signed, by what, and the signature as {@link Signer.sign} gives it. */
export function encodeSigned(tbs: Uint8Array, signature: Uint8Array, algorithm: KeyAlgorithm): Buffer {
  return encodeElement(TAG.sequence, tbs, encodeSignatureAlgorithm(algorithm), encodeSignature(signature, algorithm));
}

/** Encodes the blueprint, has it signed and reads the result back. */
export async function build(blueprint: Blueprint, signer: Signer): Promise<Certificate> {
  const tbs = encodeTbs(blueprint, signer);
  return new Certificate(encodeSigned(tbs, await signer.sign(tbs), signer.algorithm));
}
