import { createHash, randomBytes } from "node:crypto";
import { SHA256 } from "./tpmAlgorithms";
import { sized } from "./tpmBytes";
import { type HmacKeyObject, hmacKeyObject } from "./tpmHmacKey";
import { encrypt, encryptSeed, outerWrap } from "./tpmProtection";
import type { StorageKey } from "./tpmStorageKey";

/** Bytes of the inner wrapper's AES key; clients choose the cipher by its length. */
const WRAPPER_BYTES = 16;

/** Source of random bytes. */
export type Random = (bytes: number) => Buffer;

/**
 * TPM2_MakeCredential (TPM 2.0 library, part 3): a secret that only the TPM with the endorsement key can read, and only if
 * it holds the named object. Returns TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET.
 */
export function makeCredential(
  endorsementKey: StorageKey,
  objectName: Buffer,
  secret: Buffer,
  random: Random = randomBytes,
): Buffer {
  const seed = random(endorsementKey.hash.bytes);
  const credential = outerWrap(endorsementKey, seed, objectName, sized(secret));
  return Buffer.concat([sized(credential), sized(encryptSeed(endorsementKey, "IDENTITY", seed))]);
}

/**
 * Returns the result of TPM2_Duplicate for a new parent with an inner wrapper: TPM2B_PRIVATE and the parent's
 * TPM2B_ENCRYPTED_SECRET.
 */
export function duplicate(
  { sensitiveArea, tpmName }: HmacKeyObject,
  newParent: StorageKey,
  wrapperKey: Buffer,
  random: Random = randomBytes,
): Buffer {
  const sensitive = sized(sensitiveArea);
  const integrity = createHash(SHA256.name).update(sensitive).update(tpmName).digest();
  const inner = encrypt(wrapperKey, Buffer.concat([sized(integrity), sensitive]));
  const seed = random(newParent.hash.bytes);
  const outer = outerWrap(newParent, seed, tpmName, inner);
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
  random: Random = randomBytes,
): Buffer {
  const object = hmacKeyObject(key, random(SHA256.bytes));
  const wrapperKey = random(WRAPPER_BYTES);
  return Buffer.concat([
    makeCredential(keys.endorsementKey, keys.storageRootKey.tpmName, wrapperKey, random),
    duplicate(object, keys.storageRootKey, wrapperKey, random),
    sized(object.publicArea),
    sized(encrypt(wrapperKey, Buffer.from(uri))),
  ]);
}
