import { constants, privateDecrypt } from "node:crypto";
import type { Certificate } from "../../certs/certificate";
import type { PrivateKey } from "../../certs/keys";
import { KeySigner, type Signer } from "../../certs/signer";

/** An RSA key with its certificate. The private half is in this process, or in a vault that signs and decrypts. */
export interface TokenKey {
  readonly certificate: Certificate;
  readonly signer: Signer;
  /** Decrypts a content-encryption key: RSA-OAEP with SHA-256. */
  decrypt(encryptedKey: Buffer): Promise<Buffer>;
}

/** The token key of a private key in memory. */
export function tokenKeyOf(certificate: Certificate, { key, ...rest }: PrivateKey): TokenKey {
  return {
    certificate,
    signer: new KeySigner({ key, ...rest }),
    decrypt: async (encryptedKey) =>
      privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, encryptedKey),
  };
}
