/** What signs for a CA: a key of the stack's state, or one in a vault, of which the state has the id alone. */
import { createPublicKey } from "node:crypto";
import { VaultSigner } from "../../../azure/clients/vaultSigner";
import { readVaultId } from "../../../azure/vaultIds";
import { algorithmOf } from "../../../certs/algorithms";
import { readCertificate } from "../../../certs/certificate";
import { KeySigner, type Signer } from "../../../certs/signer";
import type { AzureGateway } from "../resource/azureGateway";

/**
 * The signer of a CA certificate (PEM) by its key: PKCS#8 PEM, or the id of a key version in a vault. Throws CertsError for
 * a key that cannot be read, with nothing of it in the message.
 */
export function signerOf(gateway: Pick<AzureGateway, "vaultKeys">, certificate: string, key: string): Signer {
  const id = readVaultId(key);
  if (id?.kind !== "keys") return KeySigner.fromPem(key);
  const { spki } = readCertificate(certificate);
  const algorithm = algorithmOf(createPublicKey({ key: spki, format: "der", type: "spki" }));
  return new VaultSigner(gateway.vaultKeys(id.vaultUri), key, spki, algorithm);
}
