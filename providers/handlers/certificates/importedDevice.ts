/** A device's certificate that no stack has. Loaded by its import only. */
import { readVaultId, vaultIdOf } from "../../../azure/vaultIds";
import { algorithmOf } from "../../../certs/algorithms";
import { type Certificate, readCertificates } from "../../../certs/certificate";
import { fullChainPem } from "../../../certs/chain";
import type { AzureGateway } from "../resource/azureGateway";
import { importedOwner, importIdError, importIdParts } from "../resource/importId";
import { certificatesIn, type ImportedCredentials, keyIn, lifetimeDaysOf } from "./importedCredentials";

type Gateway = Pick<AzureGateway, "vaultCertificates" | "vaultSecrets">;

const FORM =
  "CHAIN,KEY, the PEM files of the certificate with its issuers and of its key, or " +
  "https://VAULT.vault.azure.net/certificates/NAME. A certificate with a key that only the device has needs no import: enroll " +
  "the device by an IndividualEnrollment with that certificate";

interface Stored extends ImportedCredentials {
  readonly chain: readonly Certificate[];
}

/** A certificate of a vault with its chain, which its secret holds. */
async function fromVault(gateway: Gateway, id: string): Promise<Stored | undefined> {
  const { vaultUri, name, version } = vaultIdOf("certificates", id);
  const bundle = await gateway.vaultCertificates(vaultUri).get(name, version);
  if (bundle === undefined) return undefined;
  const owner = importedOwner(bundle.id, bundle.tags);
  const secret = vaultIdOf("secrets", bundle.sid);
  const { value = "", contentType } = (await gateway.vaultSecrets(vaultUri).get(secret.name, secret.version)) ?? {};
  if (contentType !== "application/x-pem-file")
    throw new Error(
      `The certificate ${name} is kept as ${contentType ?? "nothing that can be read"}, and the toolkit keeps PEM.\n` +
        "  To fix: import key and chain into the vault as PEM, with the content type application/x-pem-file.",
    );
  return {
    chain: readCertificates(value),
    inputs: { vaultUri, storedName: name, owner },
    outs: { storedId: bundle.id, secretId: bundle.sid, storedState: "enabled" },
  };
}

function fromFiles(id: string): Stored {
  const [file = "", key = "", ...more] = importIdParts(id);
  if (file === "" || key === "" || more.length > 0) throw importIdError("Device certificate", id, FORM);
  const chain = certificatesIn(file);
  const [leaf] = chain;
  return { chain, inputs: {}, outs: leaf === undefined ? {} : { privateKey: keyIn(key, leaf) } };
}

/**
 * Reads the certificate that an ID names, without the issuer's key; undefined if the vault has none. Throws for a chain without the issuer. The handler
 * loads it by `require`, for an import.
 * @public
 */
export async function importedDevice(
  gateway: Gateway,
  id: string,
  defaults: { readonly lifetimeDays: number },
): Promise<ImportedCredentials | undefined> {
  const isInVault = readVaultId(id)?.kind === "certificates";
  const stored = isInVault ? await fromVault(gateway, id) : fromFiles(id);
  if (stored === undefined) return undefined;
  const [leaf, issuer, ...above] = stored.chain;
  if (leaf === undefined || issuer === undefined || leaf.commonName === undefined)
    throw new Error(
      `${id} must hold the device's certificate, which has a common name, followed by the CA that issued it.\n` +
        "  To fix: add the CAs to the file, in the order from the device to the root.",
    );
  const inputs = {
    registrationId: leaf.commonName,
    issuerCertificate: issuer.toPem(),
    issuerChain: above.map((certificate) => certificate.toPem()).join(""),
    keyAlgorithm: algorithmOf(leaf.publicKey).name,
    lifetimeDays: lifetimeDaysOf(leaf, defaults.lifetimeDays, issuer),
    ...stored.inputs,
  };
  const outs = {
    certificate: leaf.toPem(),
    certificateChain: fullChainPem([leaf, issuer, ...above]),
    thumbprint: leaf.sha1Thumbprint,
    notAfter: leaf.notAfter.toISOString(),
    ...stored.outs,
  };
  return { inputs, outs };
}
