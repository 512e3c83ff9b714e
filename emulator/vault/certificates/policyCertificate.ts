import { sign } from "node:crypto";
import { Certificate } from "../../../certs/certificate";
import { keyIdentifier } from "../../../certs/publicKey";
import {
  type AlternativeName,
  type CertificateSigner,
  createCertificate,
  createCertificateRequest,
  type ExtensionFields,
} from "../../../certs/x509";
import type { KeyMaterial } from "../keys/keyMaterial";
import type { X509Properties } from "./certificatePolicy";
import { subjectName } from "./distinguishedName";

/** Certificates are valid from this many minutes before their creation, for clocks that are slow. */
const BACKDATE_MINUTES = 10;

function signerOf({ privateKey, publicKey, curve }: KeyMaterial): CertificateSigner {
  const hash = curve?.bits === 384 ? "SHA-384" : curve?.bits === 521 ? "SHA-512" : "SHA-256";
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const algorithm: CertificateSigner["algorithm"] =
    curve === undefined
      ? { name: "RSA", signatureLength: bits / 8, webCrypto: { name: "RSASSA-PKCS1-v1_5", hash } }
      : {
          name: curve.name,
          signatureLength: 2 * curve.bytes,
          webCrypto: { name: "ECDSA", hash, namedCurve: curve.name },
        };
  return {
    publicKey: publicKey.export({ type: "spki", format: "der" }),
    algorithm,
    sign: async (tbs) => sign(hash, tbs, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/** Returns a policy's extensions, for certificates and requests. */
function extensionsOf(properties: X509Properties): ExtensionFields {
  const { basic_constraints: constraints, key_usage: keyUsage, ekus: purposes, sans = {}, subject } = properties;
  const { ca, path_len_constraint: pathLength } = constraints;
  const named = (type: AlternativeName["type"], values: readonly string[] = []): AlternativeName[] =>
    values.map((value) => ({ type, value }));
  return {
    basicConstraints: { ca, pathLength, critical: ca },
    keyUsage,
    purposes,
    alternativeNames: [...named("dns", sans.dns_names), ...named("email", sans.emails), ...named("upn", sans.upns)],
    // Critical without a subject (RFC 5280, 4.2.1.6).
    alternativeNamesCritical: subject.trim() === "",
  };
}

/** Adds calendar months; a day that the month does not have becomes its last day. */
function monthsAfter(from: Date, months: number): Date {
  const moment = new Date(from);
  moment.setUTCDate(1);
  moment.setUTCMonth(moment.getUTCMonth() + months);
  const last = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 0)).getUTCDate();
  moment.setUTCDate(Math.min(from.getUTCDate(), last));
  return moment;
}

/** Returns start and end of validity of a certificate created at `now`. */
export const lifetimeOf = ({ validity_months: months }: X509Properties, now: Date): readonly [Date, Date] => [
  new Date(now.getTime() - BACKDATE_MINUTES * 60_000),
  monthsAfter(now, months),
];

/** Returns a self-signed certificate, valid from ten minutes ago for the policy's months. `serial`: 16 bytes. */
export async function createSelfSigned(
  properties: X509Properties,
  material: KeyMaterial,
  now: Date,
  serial: Buffer,
): Promise<Certificate> {
  const signer = signerOf(material);
  const number = Buffer.from(serial);
  // Positive, with a fixed length.
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40;
  const [notBefore, notAfter] = lifetimeOf(properties, now);
  const der = await createCertificate(
    {
      ...extensionsOf(properties),
      subject: subjectName(properties.subject),
      serialNumber: number.toString("hex"),
      notBefore,
      notAfter,
      publicKey: signer.publicKey,
      authorityKeyIdentifier: keyIdentifier(signer.publicKey),
    },
    signer,
  );
  return new Certificate(der);
}

/** Returns a certificate request with the policy's extensions, DER. */
export const createPolicyRequest = (properties: X509Properties, material: KeyMaterial): Promise<Buffer> =>
  createCertificateRequest(
    { subject: subjectName(properties.subject), extensions: extensionsOf(properties) },
    signerOf(material),
  );
