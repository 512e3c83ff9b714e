/** Secrets of a vault, among them the private keys of its certificates. Nothing prints their values. */
import type { SecretBundle, VaultTags } from "../wire/vaultBundle";
import type { ClientOptions } from "./jsonClient";
import { VaultObjectsClient } from "./vaultObjectsClient";

/** The secrets of one vault. */
export class VaultSecretsClient extends VaultObjectsClient<SecretBundle> {
  /** `vaultUri` is `https://NAME.vault.azure.net`. */
  constructor(vaultUri: string, options: ClientOptions) {
    super("secrets", vaultUri, options);
  }

  /** Sets a secret, or a new version of an existing one. Conflict (409) while a soft-deleted secret has the name. */
  set(
    name: string,
    value: string,
    more: { readonly contentType: string; readonly tags: VaultTags },
  ): Promise<SecretBundle> {
    return this.call("PUT", name, `write ${this.label(name)}`, { value, ...more });
  }

  /** Enables a version, or sets its tags; what is not given stays. */
  async update(
    name: string,
    version: string,
    change: { readonly enabled?: true; readonly tags?: VaultTags },
  ): Promise<void> {
    const { enabled, tags } = change;
    const body = { ...(enabled && { attributes: { enabled } }), ...(tags && { tags }) };
    await this.call("PATCH", `${name}/${version}`, `${enabled ? "enable" : "mark"} ${this.label(name)}`, body);
  }
}
