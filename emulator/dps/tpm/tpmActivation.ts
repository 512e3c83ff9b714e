import { createHash, randomBytes } from "node:crypto";
import { SHA256 } from "./tpmAlgorithms";
import { sized } from "./tpmBytes";
import { type HmacKeyObject, hmacKeyObject } from "./tpmHmacKey";
import { encrypt, encryptSeed, outerWrap } from "./tpmProtection";
import type { StorageKey } from "./tpmStorageKey";

/** Octets of the inner wrapper's AES key: the clients take its length for the cipher's. */
const WRAPPER_BYTES = 16;

/** Where random octets come from. */
export type Random = (bytes: number) => Buffer;

/**
 * TPM2_MakeCredential (TPM 2.0 library, part 3): a secret that only the TPM with the endorsement key reads, and only if it
 * holds the object named too. Answers TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET.
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
 * What TPM2_Duplicate makes of an object for a new parent, with an inner wrapper besides: TPM2B_PRIVATE and the new
 * parent's TPM2B_ENCRYPTED_SECRET.
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
 * The `authenticationKey` that DPS hands to a TPM: TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET (the inner wrapper's key, for
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
