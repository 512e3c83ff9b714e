/** Keys of a vault. Private halves never leave it. */
import type { KeyBundle, KeyOrder, VaultTags } from "../wire/vaultBundle";
import type { ClientOptions } from "./jsonClient";
import { VaultObjectsClient } from "./vaultObjectsClient";

/** The keys of one vault. */
export class VaultKeysClient extends VaultObjectsClient<KeyBundle> {
  /** `vaultUri` is `https://NAME.vault.azure.net`. */
  constructor(vaultUri: string, options: ClientOptions) {
    super("keys", vaultUri, options);
  }

  /** Creates a key, or a new version of an existing one. Conflict (409) while a soft-deleted key has the name. */
  create(name: string, order: KeyOrder): Promise<KeyBundle> {
    return this.call("POST", `${name}/create`, `create ${this.label(name)}`, order);
  }

  /** Enables or disables a version, and sets its tags where given. */
  update(
    name: string,
    version: string,
    change: { readonly enabled: boolean; readonly tags?: VaultTags },
  ): Promise<KeyBundle> {
    const { enabled, tags } = change;
    const body = { attributes: { enabled }, ...(tags === undefined ? {} : { tags }) };
    return this.call("PATCH", `${name}/${version}`, `${enabled ? "enable" : "disable"} ${this.label(name)}`, body);
  }

  /** Signs a digest by a JOSE algorithm (RS256, ES256, ES384); ECDSA comes as r||s. */
  async sign(name: string, version: string, alg: string, digest: Uint8Array): Promise<Buffer> {
    const body = { alg, value: Buffer.from(digest).toString("base64url") };
    const operation = `sign with ${this.label(name)}`;
    const { value } = await this.call<{ value: string }>("POST", `${name}/${version}/sign`, operation, body);
    return Buffer.from(value, "base64url");
  }
  /** Decrypts a key that was encrypted by RSA-OAEP with SHA-256. */
  async unwrap(name: string, version: string, encryptedKey: Uint8Array): Promise<Buffer> {
    const body = { alg: "RSA-OAEP-256", value: Buffer.from(encryptedKey).toString("base64url") };
    const operation = `unwrap with ${this.label(name)}`;
    const { value } = await this.call<{ value: string }>("POST", `${name}/${version}/unwrapkey`, operation, body);
    return Buffer.from(value, "base64url");
  }
}
