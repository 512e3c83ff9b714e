/** Signs by a key in Key Vault for the commands of certificates, which know no Azure themselves. */
import { environmentCredential } from "../../azure/clients/environmentCredential";
import type { ClientOptions } from "../../azure/clients/jsonClient";
import { pooledHttp } from "../../azure/clients/pooledHttp";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { publicKeyOf, type SignatureAlgorithm, VaultSigner } from "../../azure/clients/vaultSigner";
import { vaultIdOf } from "../../azure/vaultIds";

/**
 * A signer over a key by its address, `https://NAME.vault.azure.net/keys/KEY[/VERSION]`; without a version the latest one,
 * for as long as the signer lives. The identity is the environment's. Throws TypeError for another address, AzureError and
 * UnreachableError by the vault's response, and Error for a key that it does not have.
 */
export async function openVaultKey<A extends SignatureAlgorithm>(
  address: string,
  algorithm: A,
  options?: ClientOptions,
): Promise<VaultSigner<A>> {
  const { vaultUri, name, version } = vaultIdOf("keys", address);
  const by = options ?? { credential: environmentCredential(), httpClient: pooledHttp() };
  const client = new VaultKeysClient(vaultUri, by);
  const bundle = await client.get(name, version);
  if (bundle === undefined) throw new Error("the vault has no such key");
  return new VaultSigner(client, bundle.key.kid, publicKeyOf(bundle.key), algorithm);
}
