import { describeKey } from "./algorithms";
import type { Certificate } from "./certificate";

/** The public facts of a certificate as plain data, fit for outputs and JSON. */
export interface CertificateFacts {
  /** Most specific part first: `CN=device-01`. */
  readonly subject: string;
  readonly issuer: string;
  /** Undefined when the subject has none, or more than one. */
  readonly commonName: string | undefined;
  /** Upper-case hex. */
  readonly serialNumber: string;
  /** 40 upper-case hex digits, as DPS shows it. */
  readonly sha1Thumbprint: string;
  /** 64 upper-case hex digits. */
  readonly sha256Thumbprint: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isCa: boolean;
  /** `EC-P256`, `RSA-2048` …; keys outside the table by what they are, or that they cannot be read. */
  readonly keyAlgorithm: string;
  /** 1 to 3. */
  readonly version: number;
}

/** The facts of a certificate. */
export function describeCertificate(certificate: Certificate): CertificateFacts {
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    commonName: certificate.commonName,
    serialNumber: certificate.serialNumber,
    sha1Thumbprint: certificate.sha1Thumbprint,
    sha256Thumbprint: certificate.sha256Thumbprint,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    isCa: certificate.extensions.isCa,
    keyAlgorithm: describeKey(certificate.readablePublicKey),
    version: certificate.version,
  };
}
