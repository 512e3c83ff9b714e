/**
 * Signs by a key in Key Vault: the digest is made here, the signature there. Fits the `Signer` of certs/, which this
 * folder does not import.
 */
import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { vaultIdOf } from "../vaultIds";
import type { VaultJwk } from "../wire/vaultBundle";
import type { VaultKeysClient } from "./vaultKeysClient";

/** What must be known of a key's algorithm: the digest by node:crypto's name, and the JOSE name of the signature. */
export interface SignatureAlgorithm {
  readonly hash: string;
  readonly jose: string;
}

/** SubjectPublicKeyInfo (DER) of a key as the vault shows it. Throws what node:crypto throws for a key it cannot read. */
export function publicKeyOf(jwk: VaultJwk): Buffer {
  // Node knows the software kinds by their JOSE names; an HSM's key is the same mathematics.
  const key = { ...jwk, kty: jwk.kty.replace(/-HSM$/, "") } as JsonWebKey;
  return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "der" });
}

/** A signer over one version of one key. */
export class VaultSigner<A extends SignatureAlgorithm> {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly algorithm: A;
  readonly #client: Pick<VaultKeysClient, "sign">;
  readonly #name: string;
  readonly #version: string;
  #isProved = false;

  /** `keyId` names the version; `publicKey` is SubjectPublicKeyInfo. Throws TypeError for an id without a version. */
  constructor(client: Pick<VaultKeysClient, "sign">, keyId: string, publicKey: Uint8Array, algorithm: A) {
    const { name, version } = vaultIdOf("keys", keyId);
    if (version === "")
      throw new TypeError(`The key id ${keyId} names no version: a CA signs with one key for its life`);
    this.publicKey = Buffer.from(publicKey);
    this.algorithm = algorithm;
    this.#client = client;
    this.#name = name;
    this.#version = version;
  }

  /**
   * Signs `data`. The first signature is checked against the public key, so that a certificate is never issued by another
   * key than the one it names. Throws AzureError when the vault refuses.
   */
  async sign(data: Uint8Array): Promise<Buffer> {
    const digest = createHash(this.algorithm.hash).update(data).digest();
    const signature = await this.#client.sign(this.#name, this.#version, this.algorithm.jose, digest);
    if (!this.#isProved) this.#prove(data, signature);
    return signature;
  }

  #prove(data: Uint8Array, signature: Buffer): void {
    const key = createPublicKey({ key: this.publicKey, format: "der", type: "spki" });
    if (!verify(this.algorithm.hash, data, { key, dsaEncoding: "ieee-p1363" }, signature)) {
      throw new TypeError(`The vault's key "${this.#name}" is not the key of the certificate that it is to sign for`);
    }
    this.#isProved = true;
  }
}
