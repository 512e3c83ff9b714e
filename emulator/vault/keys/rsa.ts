import {
  constants,
  createHash,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";

/** A digest of the RSA algorithms, by node:crypto's name. */
export type RsaHash = "sha256" | "sha384" | "sha512";

/** DER of DigestInfo up to the digest itself (RFC 8017, 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<RsaHash, Buffer>> = Object.freeze({
  sha256: Buffer.from("3031300d060960864801650304020105000420", "hex"),
  sha384: Buffer.from("3041300d060960864801650304020205000430", "hex"),
  sha512: Buffer.from("3051300d060960864801650304020305000440", "hex"),
});

const modulusBits = (key: KeyObject): number => key.asymmetricKeyDetails?.modulusLength ?? 0;

/** Signs by RSASSA-PKCS1-v1_5 (RFC 8017, 8.2). Without a hash (`RSNULL`) the bytes go in as they are. */
export function signPkcs1(digest: Buffer, key: KeyObject, hash?: RsaHash): Buffer {
  const encoded = hash === undefined ? digest : Buffer.concat([DIGEST_INFO[hash], digest]);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encoded);
}

/** Whether {@link signPkcs1} made the signature. */
export function verifyPkcs1(digest: Buffer, signature: Buffer, key: KeyObject, hash?: RsaHash): boolean {
  const encoded = hash === undefined ? digest : Buffer.concat([DIGEST_INFO[hash], digest]);
  return recovered(signature, key, constants.RSA_PKCS1_PADDING)?.equals(encoded) === true;
}

/** Returns undefined for an invalid signature, or a length other than the modulus' (RFC 8017, 8.1.2 and 8.2.2, step 1). */
function recovered(signature: Buffer, key: KeyObject, padding: number): Buffer | undefined {
  if (signature.length !== Math.ceil(modulusBits(key) / 8)) return undefined;
  try {
    return publicDecrypt({ key, padding }, signature);
  } catch {
    return undefined;
  }
}

/** MGF1 (RFC 8017, B.2.1). */
function mask(seed: Buffer, length: number, hash: RsaHash): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0, made = 0; made < length; counter += 1) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const part = createHash(hash).update(seed).update(count).digest();
    blocks.push(part);
    made += part.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));

/** EMSA-PSS (RFC 8017, 9.1.1) for a key of `bits`. */
function encodePss(digest: Buffer, salt: Buffer, bits: number, hash: RsaHash): Buffer {
  const length = Math.ceil((bits - 1) / 8);
  const check = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const block = Buffer.concat([Buffer.alloc(length - salt.length - check.length - 2), Buffer.of(1), salt]);
  const masked = xor(block, mask(check, block.length, hash));
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - bits + 1));
  return Buffer.concat([masked, check, Buffer.of(0xbc)]);
}

/** Signs by RSASSA-PSS with a salt as long as the digest (RFC 8017, 9.1; RFC 7518, 3.5). */
export function signPss(digest: Buffer, key: KeyObject, hash: RsaHash): Buffer {
  const encoded = encodePss(digest, randomBytes(digest.length), modulusBits(key), hash);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

/** Whether {@link signPss} made the signature: its salt and the digest encode to the same bytes. */
export function verifyPss(digest: Buffer, signature: Buffer, key: KeyObject, hash: RsaHash): boolean {
  const encoded = recovered(signature, key, constants.RSA_NO_PADDING);
  if (encoded === undefined) return false;
  const end = encoded.length - 1 - digest.length;
  // A key of 1,024 bits is too short for a salt of 64 bytes.
  if (end < digest.length + 1) return false;
  const block = xor(encoded.subarray(0, end), mask(encoded.subarray(end, -1), end, hash));
  return encodePss(digest, block.subarray(end - digest.length), modulusBits(key), hash).equals(encoded);
}

/** Encrypts by RSAES-OAEP with the hash, or by RSAES-PKCS1-v1_5 without (RFC 8017, 7). Throws if the plaintext is too long. */
export function encrypt(text: Buffer, key: KeyObject, oaepHash?: "sha1" | "sha256"): Buffer {
  return oaepHash === undefined
    ? publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, text)
    : publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, text);
}

/** Decrypts what {@link encrypt} encrypted. Throws for anything else. */
export function decrypt(text: Buffer, key: KeyObject, oaepHash?: "sha1" | "sha256"): Buffer {
  if (oaepHash !== undefined) return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, text);
  // Node 20 refuses PKCS#1 v1.5 here, for servers that must not reveal to an attacker how padding failed (CVE-2023-46809).
  // Azure reports it, and so does this: the padding is removed here.
  const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, text);
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new Error("the padding is wrong");
  return block.subarray(end + 1);
}
