import { sign } from "node:crypto";
import type { KeyAlgorithm } from "./algorithms";
import { type PrivateKey, readPrivateKey } from "./keys";

/**
 * What issues certificates: a public key and the power to sign with its private half, wherever that is. File keys and
 * stack secrets stand behind it here; a Key Vault key can, because only the bytes to be signed go through.
 */
export interface Signer {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly algorithm: KeyAlgorithm;
  /**
   * Signs `data` (hashed with `algorithm.hash` on the way) and gives `algorithm.signatureLength` octets: RSA PKCS#1
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
