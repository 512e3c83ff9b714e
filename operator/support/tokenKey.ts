import { constants, privateDecrypt } from "node:crypto";
import type { Certificate } from "../../certs/certificate";
import type { PrivateKey } from "../../certs/keys";
import { KeySigner, type Signer } from "../../certs/signer";

/** The private half of an RSA key, in this process or in a vault that signs and decrypts. */
export interface TokenPrivateKey {
  readonly signer: Signer;
  /** Decrypts a content-encryption key: RSA-OAEP with SHA-256. */
  decrypt(encryptedKey: Buffer): Promise<Buffer>;
}

/** An RSA key with its certificate. */
export interface TokenKey extends TokenPrivateKey {
  readonly certificate: Certificate;
}

/** The token key of a private key in memory. */
export function tokenPrivateKey(privateKey: PrivateKey): TokenPrivateKey {
  const { key } = privateKey;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    signer: new KeySigner(privateKey),
    decrypt: async (encryptedKey) => privateDecrypt({ key, padding, oaepHash: "sha256" }, encryptedKey),
  };
}
