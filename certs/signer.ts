import { sign } from "node:crypto";
import type { KeyAlgorithm } from "./algorithms";
import { type PrivateKey, readPrivateKey } from "./keys";

/**
 * A public key and the ability to sign with its private half, in this process or elsewhere: a Key Vault key can sign, because
 * only the bytes to be signed go to it.
 */
export interface Signer {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly algorithm: KeyAlgorithm;
  /**
   * Signs `data` (hashed with `algorithm.hash` on the way) and returns `algorithm.signatureLength` bytes: RSA PKCS#1
   * v1.5 as it is, ECDSA as r||s (IEEE P1363, as WebCrypto, JOSE and Key Vault give it), not DER.
   */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** A signer over a private key in memory. */
export class KeySigner implements Signer {
  readonly publicKey: Buffer;
  readonly algorithm: KeyAlgorithm;
  readonly #key: PrivateKey;

  constructor(key: PrivateKey) {
    this.#key = key;
    this.publicKey = key.publicKey;
    this.algorithm = key.algorithm;
  }

  /** A signer over a PEM private key; errors as {@link readPrivateKey}. */
  static fromPem(pem: string, passphrase?: string): KeySigner {
    return new KeySigner(readPrivateKey(pem, passphrase));
  }

  async sign(data: Uint8Array): Promise<Buffer> {
    return sign(this.algorithm.hash, data, { key: this.#key.key, dsaEncoding: "ieee-p1363" });
  }
}
