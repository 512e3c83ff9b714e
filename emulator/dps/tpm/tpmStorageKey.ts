import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { ByteReader, NAME_HASHES, type NameHash, TPM_ALG, TpmFormatError, uint16, uint32 } from "./tpmBytes";

/** The public part of a storage key: an endorsement key, or a storage root key. */
export interface StorageKey {
  /** Hash of the names of the key and of what it protects. */
  readonly hash: NameHash;
  /** The algorithm's identifier and the digest of the public area: the TPM's name of the key. */
  readonly tpmName: Buffer;
  /** Bytes of the AES keys that protect child objects. */
  readonly aesBytes: 16 | 32;
  readonly publicKey: KeyObject;
}

/** Bits of TPMA_OBJECT that every storage key has (TPM 2.0 library, part 2, 8.3). */
const RESTRICTED = 1 << 16;
const DECRYPT = 1 << 17;

const AES_BYTES: Readonly<Record<number, 16 | 32>> = { 128: 16, 256: 32 };

/**
 * Reads a TPM2B_PUBLIC of an RSA storage key with 2,048 bits and AES in CFB mode, as the templates of the TCG's "EK
 * Credential Profile" and Azure's clients make them. Throws `TpmFormatError` for anything else.
 */
export function readStorageKey(tpm2bPublic: Buffer): StorageKey {
  const outer = new ByteReader(tpm2bPublic);
  const area = outer.sized();
  if (outer.left > 0) throw new TpmFormatError(`${outer.left} bytes follow the TPM2B_PUBLIC`);
  const reader = new ByteReader(area);
  const type = reader.uint16();
  if (type !== TPM_ALG.rsa) throw new TpmFormatError(`the key's type is 0x${type.toString(16)}, not RSA`);
  const nameAlgorithm = reader.uint16();
  const hash = NAME_HASHES.find(({ id }) => id === nameAlgorithm);
  if (!hash) throw new TpmFormatError(`the key is named by 0x${nameAlgorithm.toString(16)}, which is no known hash`);
  const attributes = reader.uint32();
  if ((attributes & RESTRICTED) === 0 || (attributes & DECRYPT) === 0) {
    throw new TpmFormatError("the key is no storage key: it lacks restricted or decrypt");
  }
  reader.sized();
  const symmetric = reader.uint16();
  if (symmetric !== TPM_ALG.aes)
    throw new TpmFormatError("the key protects what is below it by another cipher than AES");
  const aesBytes = AES_BYTES[reader.uint16()];
  if (aesBytes === undefined) throw new TpmFormatError("the key's AES has neither 128 nor 256 bits");
  if (reader.uint16() !== TPM_ALG.cfb) throw new TpmFormatError("the key's AES is not in CFB mode");
  if (reader.uint16() !== TPM_ALG.null) throw new TpmFormatError("the key is bound to a scheme");
  const bits = reader.uint16();
  if (bits !== 2048) throw new TpmFormatError(`the key has ${bits} bits, not 2048`);
  // Zero means the default exponent.
  const exponent = reader.uint32() || 65_537;
  const modulus = reader.sized();
  if (modulus.length * 8 !== bits || (modulus[0] ?? 0) < 0x80) {
    throw new TpmFormatError(`the key's modulus has not ${bits} bits`);
  }
  if (reader.left > 0) throw new TpmFormatError(`${reader.left} bytes follow the key's modulus`);
  const tpmName = Buffer.concat([uint16(hash.id), createHash(hash.name).update(area).digest()]);
  const jwk = { kty: "RSA", n: modulus.toString("base64url"), e: uint32(exponent).toString("base64url") };
  return { hash, tpmName, aesBytes, publicKey: createPublicKey({ key: jwk, format: "jwk" }) };
}
