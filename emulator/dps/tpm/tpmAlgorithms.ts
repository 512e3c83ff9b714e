/** Identifiers of algorithms (TPM 2.0 library, part 2, 6.3). */
export const TPM_ALG = Object.freeze({
  rsa: 0x0001,
  hmac: 0x0005,
  aes: 0x0006,
  keyedHash: 0x0008,
  sha256: 0x000b,
  null: 0x0010,
  cfb: 0x0043,
});

/** A hash that names objects. */
export interface NameHash {
  readonly id: number;
  /** As node:crypto calls it. */
  readonly name: "sha1" | "sha256" | "sha384" | "sha512";
  readonly bytes: number;
}

/** The hashes that a key of a TPM may be named by. */
export const NAME_HASHES: readonly NameHash[] = Object.freeze([
  { id: 0x0004, name: "sha1", bytes: 20 },
  { id: TPM_ALG.sha256, name: "sha256", bytes: 32 },
  { id: 0x000c, name: "sha384", bytes: 48 },
  { id: 0x000d, name: "sha512", bytes: 64 },
]);

/** The hash that new objects are named by, and HMAC keys sign with: as Azure's clients expect it. */
export const SHA256: NameHash = { id: TPM_ALG.sha256, name: "sha256", bytes: 32 };
