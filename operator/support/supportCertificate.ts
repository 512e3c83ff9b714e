import { type Certificate, readCertificate } from "../../certs/certificate";
import { nameOf } from "../../certs/names";
import { keyIdentifier } from "../../certs/publicKey";
import { randomSerials, serialHex } from "../../certs/serial";
import type { Signer } from "../../certs/signer";
import { createCertificate } from "../../certs/x509";

/** How long a certificate of a token is valid. */
export interface SupportCertificateFields {
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A self-signed certificate, no CA, for a key that signs tokens and opens those that are enveloped to it. */
export async function createSupportCertificate(
  { commonName, notBefore, notAfter }: SupportCertificateFields,
  signer: Signer,
): Promise<Certificate> {
  const fields = {
    subject: nameOf(commonName),
    serialNumber: serialHex(randomSerials.next()),
    notBefore,
    notAfter,
    publicKey: signer.publicKey,
    authorityKeyIdentifier: keyIdentifier(signer.publicKey),
    basicConstraints: { ca: false, critical: true },
    keyUsage: ["digitalSignature", "keyEncipherment"] as const,
    purposes: [],
  };
  return readCertificate(await createCertificate(fields, signer));
}
