import { constants, createCipheriv, createHash, createHmac, publicEncrypt, randomBytes } from "node:crypto";
import { type NameHash, SHA256, sized, TPM_ALG, uint16, uint32 } from "./tpmBytes";
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
function encrypt(key: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv(`aes-${key.length * 8}-cfb`, key, ZERO_IV);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** Encrypts a seed to a storage key: RSA-OAEP with the key's hash and a label that ends with a zero byte. */
const encryptSeed = ({ publicKey, hash }: StorageKey, label: "IDENTITY" | "DUPLICATE", seed: Buffer): Buffer =>
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
function outerWrap({ hash, aesBytes }: StorageKey, seed: Buffer, objectName: Buffer, plain: Buffer): Buffer {
  const key = kdfa(hash.name, seed, "STORAGE", objectName, NOTHING, aesBytes);
  const encrypted = encrypt(key, plain);
  const integrityKey = kdfa(hash.name, seed, "INTEGRITY", NOTHING, NOTHING, hash.bytes);
  const hmac = createHmac(hash.name, integrityKey).update(encrypted).update(objectName).digest();
  return Buffer.concat([sized(hmac), encrypted]);
}

/** Bits of TPMA_OBJECT (TPM 2.0 library, part 2, 8.3): a key that signs for whoever has its empty password. */
const USER_WITH_AUTH = 1 << 6;
const NO_DICTIONARY_ATTACK = 1 << 10;
const SIGN = 1 << 18;

const POLICY_COMMAND_CODE = 0x0000_016c;
const DUPLICATE = 0x0000_014b;

/** Bytes of the inner wrapper's AES key; clients choose the cipher by its length. */
const WRAPPER_BYTES = 16;

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** The policy that allows an object to be duplicated and nothing else: TPM2_PolicyCommandCode(TPM2_Duplicate). */
const MAY_BE_DUPLICATED = sha256(Buffer.alloc(32), uint32(POLICY_COMMAND_CODE), uint32(DUPLICATE));

/**
 * Makes a key for HMAC-SHA256 as an object of a TPM: TPMT_PUBLIC, and TPMT_SENSITIVE, which contains the key.
 * `obfuscation` hides the key in the public area's digest.
 */
function hmacKeyObject(key: Buffer, obfuscation: Buffer) {
  const publicArea = Buffer.concat([
    uint16(TPM_ALG.keyedHash),
    uint16(SHA256.id),
    uint32(USER_WITH_AUTH | NO_DICTIONARY_ATTACK | SIGN),
    sized(MAY_BE_DUPLICATED),
    uint16(TPM_ALG.hmac),
    uint16(SHA256.id),
    sized(sha256(obfuscation, key)),
  ]);
  const noPassword = sized();
  const sensitiveArea = Buffer.concat([uint16(TPM_ALG.keyedHash), noPassword, sized(obfuscation), sized(key)]);
  return { publicArea, sensitiveArea, tpmName: Buffer.concat([uint16(SHA256.id), sha256(publicArea)]) };
}

/**
 * TPM2_MakeCredential (TPM 2.0 library, part 3): a secret that only the TPM with the endorsement key can read, and only if
 * it holds the named object. Returns TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET.
 */
function makeCredential(endorsementKey: StorageKey, objectName: Buffer, secret: Buffer): Buffer {
  const seed = randomBytes(endorsementKey.hash.bytes);
  const credential = outerWrap(endorsementKey, seed, objectName, sized(secret));
  return Buffer.concat([sized(credential), sized(encryptSeed(endorsementKey, "IDENTITY", seed))]);
}

/**
 * Returns the result of TPM2_Duplicate for a new parent with an inner wrapper: TPM2B_PRIVATE and the parent's
 * TPM2B_ENCRYPTED_SECRET.
 */
function duplicate(object: ReturnType<typeof hmacKeyObject>, newParent: StorageKey, wrapperKey: Buffer): Buffer {
  const sensitive = sized(object.sensitiveArea);
  const integrity = sha256(sensitive, object.tpmName);
  const inner = encrypt(wrapperKey, Buffer.concat([sized(integrity), sensitive]));
  const seed = randomBytes(newParent.hash.bytes);
  const outer = outerWrap(newParent, seed, object.tpmName, inner);
  return Buffer.concat([sized(outer), sized(encryptSeed(newParent, "DUPLICATE", seed))]);
}

/**
 * The `authenticationKey` that DPS sends to a TPM: TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET (the inner wrapper's key, for
 * the TPM that holds both keys), TPM2B_PRIVATE, TPM2B_ENCRYPTED_SECRET, TPM2B_PUBLIC (the HMAC key, to be imported below
 * the storage root key) and TPM2B_DATA (text under the wrapper's key, which the clients decrypt or pass over). Source:
 * azure-iot-security-tpm's `activateIdentityKey`, and the service's side of it in TSS.MSR's sample of DPS.
 */
export function activationBlob(
  keys: { readonly endorsementKey: StorageKey; readonly storageRootKey: StorageKey },
  key: Buffer,
  uri: string,
): Buffer {
  const object = hmacKeyObject(key, randomBytes(SHA256.bytes));
  const wrapperKey = randomBytes(WRAPPER_BYTES);
  return Buffer.concat([
    makeCredential(keys.endorsementKey, keys.storageRootKey.tpmName, wrapperKey),
    duplicate(object, keys.storageRootKey, wrapperKey),
    sized(object.publicArea),
    sized(encrypt(wrapperKey, Buffer.from(uri))),
  ]);
}
