import { createHash } from "node:crypto";
import { SHA256, TPM_ALG } from "./tpmAlgorithms";
import { sized, uint16, uint32 } from "./tpmBytes";

/** Bits of TPMA_OBJECT (TPM 2.0 library, part 2, 8.3): a key that signs for whoever has its empty password. */
const USER_WITH_AUTH = 1 << 6;
const NO_DICTIONARY_ATTACK = 1 << 10;
const SIGN = 1 << 18;

const POLICY_COMMAND_CODE = 0x0000_016c;
const DUPLICATE = 0x0000_014b;

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** The policy that allows an object to be duplicated and nothing else: TPM2_PolicyCommandCode(TPM2_Duplicate). */
const MAY_BE_DUPLICATED = sha256(Buffer.alloc(32), uint32(POLICY_COMMAND_CODE), uint32(DUPLICATE));

/** A key for HMAC-SHA256 as an object of a TPM. */
export interface HmacKeyObject {
  /** TPMT_PUBLIC. */
  readonly publicArea: Buffer;
  /** TPMT_SENSITIVE: contains the key. */
  readonly sensitiveArea: Buffer;
  readonly tpmName: Buffer;
}

/** Makes the object of a key; `obfuscation`, 32 random bytes, hides the key in the public area's digest. */
export function hmacKeyObject(key: Buffer, obfuscation: Buffer): HmacKeyObject {
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
