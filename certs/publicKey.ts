import { createPublicKey, type KeyObject } from "node:crypto";

/** What stands before the two coordinates in a SubjectPublicKeyInfo of a curve, all of it fixed (RFC 5480, 2). */
const CURVES = [
  { curve: "P-256", octets: 32, head: Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex") },
  { curve: "P-384", octets: 48, head: Buffer.from("3076301006072a8648ce3d020106052b8104002203620004", "hex") },
] as const;

/**
 * The key of a SubjectPublicKeyInfo, DER. Keys on the usual curves go to OpenSSL as their coordinates, which takes half of
 * the time: its search for a decoder is most of the work. Throws OpenSSL's own errors, for points off the curve too.
 */
export function readPublicKey(spki: Buffer): KeyObject {
  for (const { curve, octets, head } of CURVES) {
    if (spki.length !== head.length + 2 * octets || !spki.subarray(0, head.length).equals(head)) continue;
    const x = spki.toString("base64url", head.length, head.length + octets);
    const y = spki.toString("base64url", head.length + octets);
    return createPublicKey({ key: { kty: "EC", crv: curve, x, y }, format: "jwk" });
  }
  return createPublicKey({ key: spki, format: "der", type: "spki" });
}
