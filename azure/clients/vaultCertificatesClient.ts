/** Certificates of a vault, each with its private key as a secret of the same name and version. */
import type { CertificateBundle, VaultTags } from "../wire/vaultBundle";
import type { ClientOptions } from "./jsonClient";
import { VaultObjectsClient } from "./vaultObjectsClient";

/** The certificates of one vault. */
export class VaultCertificatesClient extends VaultObjectsClient<CertificateBundle> {
  /** `vaultUri` is `https://NAME.vault.azure.net`. */
  constructor(vaultUri: string, options: ClientOptions) {
    super("certificates", vaultUri, options);
  }

  /** Imports PEM text, PKCS#8 key and full chain, as a new certificate or a new version. Conflict (409) as for keys. */
  importPem(name: string, pem: string, tags: VaultTags): Promise<CertificateBundle> {
    const policy = { secret_props: { contentType: "application/x-pem-file" }, issuer: { name: "Unknown" } };
    return this.call("POST", `${name}/import`, `import ${this.label(name)}`, { value: pem, policy, tags });
  }
}
