import { constants, createCipheriv, createHmac, publicEncrypt } from "node:crypto";
import { type NameHash, sized, uint32 } from "./tpmBytes";
import type { StorageKey } from "./tpmStorageKey";

/**
 * The TPM's key derivation (part 1, "KDFa": NIST SP 800-108 in counter mode with HMAC). Labels end with a zero byte;
 * returns `bytes` bytes.
 */
export function kdfa(
  hash: NameHash["name"],
  key: Buffer,
  label: string,
  contextU: Buffer,
  contextV: Buffer,
  bytes: number,
): Buffer {
  const blocks: Buffer[] = [];
  for (let made = 0, counter = 1; made < bytes; counter += 1) {
    const block = createHmac(hash, key)
      .update(Buffer.concat([uint32(counter), Buffer.from(`${label}\0`), contextU, contextV, uint32(bytes * 8)]))
      .digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

const NOTHING = Buffer.alloc(0);
const ZERO_IV = Buffer.alloc(16);

/** AES in CFB mode from a vector of zeros: each key is used once. */
export function encrypt(key: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv(`aes-${key.length * 8}-cfb`, key, ZERO_IV);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** Encrypts a seed to a storage key: RSA-OAEP with the key's hash and a label that ends with a zero byte. */
export const encryptSeed = ({ publicKey, hash }: StorageKey, label: "IDENTITY" | "DUPLICATE", seed: Buffer): Buffer =>
  publicEncrypt(
    {
      key: publicKey,
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: hash.name,
      oaepLabel: Buffer.from(`${label}\0`),
    },
    seed,
  );

/**
 * Applies the TPM's outer wrap (part 1, "Protected Storage – Outer wrap"): the HMAC over ciphertext and object name,
 * then the ciphertext. `seed` is as long as the key's hash.
 */
export function outerWrap({ hash, aesBytes }: StorageKey, seed: Buffer, objectName: Buffer, plain: Buffer): Buffer {
  const key = kdfa(hash.name, seed, "STORAGE", objectName, NOTHING, aesBytes);
  const encrypted = encrypt(key, plain);
  const integrityKey = kdfa(hash.name, seed, "INTEGRITY", NOTHING, NOTHING, hash.bytes);
  const hmac = createHmac(hash.name, integrityKey).update(encrypted).update(objectName).digest();
  return Buffer.concat([sized(hmac), encrypted]);
}
