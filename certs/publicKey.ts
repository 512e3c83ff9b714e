import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { decodeWholeBytes, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";

/** What precedes the two coordinates in a SubjectPublicKeyInfo of a curve, all of it fixed (RFC 5480, 2). */
export const SPKI_HEADS = Object.freeze({
  prime256v1: Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex"),
  secp384r1: Buffer.from("3076301006072a8648ce3d020106052b8104002203620004", "hex"),
});

const CURVES = [
  { curve: "P-256", bytes: 32, head: SPKI_HEADS.prime256v1 },
  { curve: "P-384", bytes: 48, head: SPKI_HEADS.secp384r1 },
] as const;

/**
 * The key of a SubjectPublicKeyInfo, DER. Keys on the usual curves go to OpenSSL as their coordinates, which takes half of
 * the time: its search for a decoder is most of the work. Throws OpenSSL's own errors, for points off the curve too.
 */
export function readPublicKey(spki: Buffer): KeyObject {
  for (const { curve, bytes, head } of CURVES) {
    if (spki.length !== head.length + 2 * bytes || !spki.subarray(0, head.length).equals(head)) continue;
    const x = spki.toString("base64url", head.length, head.length + bytes);
    const y = spki.toString("base64url", head.length + bytes);
    return createPublicKey({ key: { kty: "EC", crv: curve, x, y }, format: "jwk" });
  }
  return createPublicKey({ key: spki, format: "der", type: "spki" });
}

/** DER of the object identifier id-ecPublicKey (RFC 5480, 2.1.1). */
const EC_PUBLIC_KEY = Buffer.from("06072a8648ce3d0201", "hex");

/**
 * Whether a key's curve is written out as parameters, which RFC 5480, 2.1.1 forbids: an attacker can choose them so that
 * another key makes the same signatures (CVE-2020-0601). OpenSSL refuses such a key in a path.
 */
export function hasExplicitCurve(spki: Buffer): boolean {
  const [algorithm] = readChildren(readWhole(spki, TAG.sequence).content);
  const [oid, parameters] = readChildren(expectTag(algorithm, TAG.sequence).content);
  return oid?.raw.equals(EC_PUBLIC_KEY) === true && parameters?.tag !== TAG.oid;
}

/** Throws `unsupportedKey` for a key on a curve that is written out. */
export function refuseExplicitCurve(spki: Buffer): void {
  if (!hasExplicitCurve(spki)) return;
  throw new CertsError(
    "unsupportedKey",
    "The key's curve is written out as parameters, which RFC 5480, 2.1.1 forbids: make a key on a named curve",
  );
}

/** SHA-1 over the bits of the public key, in hex (RFC 5280, 4.2.1.2, method 1). An identifier, no protection. */
export function keyIdentifier(spki: Uint8Array): string {
  const [, bits] = readChildren(readWhole(Buffer.from(spki), TAG.sequence).content);
  return createHash("sha1").update(decodeWholeBytes(bits)).digest("hex");
}
