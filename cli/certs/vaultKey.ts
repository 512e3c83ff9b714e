/** Signs with a Key Vault key for `zero-touch certs`, which itself knows no Azure. */
import { environmentCredential } from "../../azure/clients/environmentCredential";
import type { ClientOptions } from "../../azure/clients/jsonClient";
import { pooledHttp } from "../../azure/clients/pooledHttp";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { publicKeyOf, type SignatureAlgorithm, VaultSigner } from "../../azure/clients/vaultSigner";
import { vaultIdOf } from "../../azure/vaultIds";

/**
 * Returns a signer for the key at an address, `https://NAME.vault.azure.net/keys/KEY[/VERSION]`; without a version it keeps the
 * version that is the latest now. Uses the environment's identity. Throws TypeError for another address, AzureError and
 * UnreachableError from the vault, and Error for a missing key.
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
