/** Secrets of a vault, among them the private keys of its certificates. Nothing prints their values. */
import type { SecretBundle } from "../wire/vault";
import type { ClientOptions } from "./jsonClient";
import { VaultObjectsClient } from "./vaultObjects";

/** The secrets of one vault. */
export class VaultSecretsClient extends VaultObjectsClient<SecretBundle> {
  /** `vaultUri` is `https://NAME.vault.azure.net`. */
  constructor(vaultUri: string, options: ClientOptions) {
    super("secrets", vaultUri, options);
  }
}
