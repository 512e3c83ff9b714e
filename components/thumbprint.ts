import { createHash, X509Certificate } from "node:crypto";

/** Whether a certificate in PEM has one of these thumbprints: SHA-1 or SHA-256, upper-case hexadecimal. */
export function hasThumbprint(pem: string, thumbprints: readonly string[]): boolean {
  const { raw } = new X509Certificate(pem);
  const digest = (algorithm: string): string => createHash(algorithm).update(raw).digest("hex").toUpperCase();
  return thumbprints.includes(digest("sha1")) || thumbprints.includes(digest("sha256"));
}
