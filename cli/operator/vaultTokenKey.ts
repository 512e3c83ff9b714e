import { createPublicKey } from "node:crypto";
import { environmentCredential } from "../../azure/clients/environmentCredential";
import type { ClientOptions } from "../../azure/clients/jsonClient";
import { pooledHttp } from "../../azure/clients/pooledHttp";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { publicKeyOf, VaultSigner } from "../../azure/clients/vaultSigner";
import { vaultIdOf } from "../../azure/vaultIds";
import { algorithmOf } from "../../certs/algorithms";
import type { TokenPrivateKey } from "../../operator/support/tokenKey";

/**
 * The token key of an RSA key in a vault, `https://NAME.vault.azure.net/keys/KEY[/VERSION]`, which needs the operations sign
 * and unwrapKey. Uses the environment's identity. Throws TypeError for another address, AzureError and UnreachableError from
 * the vault, and Error for a missing key.
 */
export async function openVaultTokenKey(keyId: string, options?: ClientOptions): Promise<TokenPrivateKey> {
  const { vaultUri, name, version } = vaultIdOf("keys", keyId);
  const by = options ?? { credential: environmentCredential(), httpClient: pooledHttp() };
  const client = new VaultKeysClient(vaultUri, by);
  const bundle = await client.get(name, version);
  if (bundle === undefined) throw new Error("the vault has no such key");
  const publicKey = publicKeyOf(bundle.key);
  const algorithm = algorithmOf(createPublicKey({ key: publicKey, format: "der", type: "spki" }));
  const signer = new VaultSigner(client, bundle.key.kid, publicKey, algorithm);
  const { version: current } = vaultIdOf("keys", bundle.key.kid);
  return { signer, decrypt: (encryptedKey) => client.unwrap(name, current, encryptedKey) };
}
