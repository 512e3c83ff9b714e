import { createHash, X509Certificate } from "node:crypto";

/** Whether a certificate in PEM has one of these thumbprints: SHA-1 or SHA-256, upper-case hexadecimal. */
export function hasThumbprint(pem: string, among: ReadonlySet<string>): boolean {
  const { raw } = new X509Certificate(pem);
  return ["sha1", "sha256"].some((digest) => among.has(createHash(digest).update(raw).digest("hex").toUpperCase()));
}
