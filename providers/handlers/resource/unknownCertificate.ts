/**
 * Azure returns no certificate of an enrollment or a provisioning service, only its thumbprint. The state then has the
 * thumbprint in place of the PEM.
 */
import { X509Certificate } from "node:crypto";
import { isSame } from "./canonicalJson";

const NOTE = /^another certificate: ([0-9A-F]+)$/i;

/** What stands for a certificate of which only the thumbprint is known, SHA-1 or SHA-256. */
export const unknownCertificate = (thumbprint: string): string => `another certificate: ${thumbprint}`;

/** Whether the input is a thumbprint in place of a certificate. */
export const isUnknownCertificate = (value: unknown): boolean => typeof value === "string" && NOTE.test(value);

/** Whether a program's PEM is what the state has: the same text, or the certificate with the state's thumbprint. */
export function isSameCertificate(before: unknown, after: unknown): boolean {
  const [, thumbprint] = (typeof before === "string" && NOTE.exec(before)) || [];
  if (thumbprint === undefined || typeof after !== "string" || !after.includes("-----BEGIN"))
    return isSame(before, after);
  const { fingerprint, fingerprint256 } = new X509Certificate(after);
  return [fingerprint, fingerprint256].some((text) => text.replaceAll(":", "") === thumbprint.toUpperCase());
}
