import type * as Pkijs from "pkijs";

/** Object identifiers (RFC 5652, RFC 8017, RFC 5754, RFC 3565). */
export const OID = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  envelopedData: "1.2.840.113549.1.7.3",
  messageDigest: "1.2.840.113549.1.9.4",
  rsaOaep: "1.2.840.113549.1.1.7",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  sha256: "2.16.840.1.101.3.4.2.1",
  aes256Cbc: "2.16.840.1.101.3.4.1.42",
} as const;

/** Loading the libraries takes some 50 ms. */
export const pkijs = (): typeof Pkijs => require("pkijs") as typeof Pkijs;
/** As {@link pkijs}. */
export const asn1 = (): typeof import("asn1js") => require("asn1js") as typeof import("asn1js");

/** A copy of bytes as the libraries take them. */
export const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

/** The bytes of a primitive ASN.1 value; empty for any other. */
export const bytesOf = (value: unknown): Buffer =>
  Buffer.from((value as { valueBlock?: { valueHexView?: Uint8Array } } | undefined)?.valueBlock?.valueHexView ?? []);
