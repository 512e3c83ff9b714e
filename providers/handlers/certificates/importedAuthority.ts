/** A certificate authority that no stack has. Loaded by its import only. */
import { readVaultId } from "../../../azure/vaultIds";
import { algorithmOf } from "../../../certs/algorithms";
import type { Certificate } from "../../../certs/certificate";
import { isSignedBy } from "../../../certs/chain";
import type { AzureGateway } from "../resource/azureGateway";
import { importIdError, importIdParts } from "../resource/importId";
import { certificatesIn, type ImportedCredentials, keyIn, lifetimeDaysOf, vaultKeyOf } from "./importedCredentials";

/** The default lifetime of an intermediate, in days. */
interface Defaults {
  readonly intermediateLifetimeDays: number;
}

const FORM =
  "CERTIFICATES,ROOT_KEY,INTERMEDIATE_KEY: the PEM file of root and intermediate, and of each key its PEM file or its Key " +
  "Vault key ID. A CA with a key in no file and no vault cannot be imported: create a new one with the stack, and verify " +
  "it beside the present one";

/** Root and intermediate of a file with these two. */
function tiersOf(file: string): { readonly root: Certificate; readonly intermediate: Certificate } {
  const all = certificatesIn(file);
  const root = all.find(({ isSelfIssued }) => isSelfIssued);
  const intermediate = all.find(({ isSelfIssued }) => !isSelfIssued);
  const isHierarchy = root !== undefined && intermediate !== undefined && isSignedBy(intermediate, root);
  if (all.length === 2 && isHierarchy && root.extensions.isCa && intermediate.extensions.isCa)
    return { root, intermediate };
  throw new Error(
    `${file} must hold a root and one intermediate that it has signed, and nothing else; it has ` +
      `${all.length === 1 ? "one certificate" : `${all.length} certificates`}: ${all.map(({ subject }) => subject).join("; ")}.\n` +
      "  To fix: import a root alone as a VerifiedCertificate, and issue intermediates with the commands `zero-touch certs`.",
  );
}

function commonNameIn(certificate: Certificate): string {
  if (certificate.commonName !== undefined) return certificate.commonName;
  throw new Error(
    `The certificate ${certificate.subject} has no common name.\n  To fix: keep it outside of the stack, or issue one that has a name.`,
  );
}

async function keysOf(
  gateway: Pick<AzureGateway, "vaultKeys">,
  tiers: ReturnType<typeof tiersOf>,
  keys: readonly string[],
) {
  const [rootKey = "", intermediateKey = ""] = keys;
  const inVault = keys.filter((key) => readVaultId(key) !== undefined).length;
  if (inVault === 0)
    return {
      inputs: {},
      outs: { rootKey: keyIn(rootKey, tiers.root), intermediateKey: keyIn(intermediateKey, tiers.intermediate) },
    };
  const mixed = new Error(
    "The keys of root and intermediate are in two places.\n" +
      "  To fix: import a CA with both keys in one vault, or both in files.",
  );
  if (inVault === 1) throw mixed;
  const root = await vaultKeyOf(gateway, rootKey, tiers.root);
  const intermediate = await vaultKeyOf(gateway, intermediateKey, tiers.intermediate);
  const { vaultUri, owner } = root;
  if (intermediate.vaultUri !== vaultUri) throw mixed;
  return {
    inputs: { vaultUri, rootKeyName: root.name, intermediateKeyName: intermediate.name, owner },
    outs: {
      rootKeyId: root.keyId,
      rootKeyState: "enabled",
      intermediateKeyId: intermediate.keyId,
      intermediateKeyState: "enabled",
    },
  };
}

/**
 * Reads the authority that an ID names. Throws for what is no hierarchy of two, and for keys that are not theirs. The handler
 * loads it by `require`, for an import.
 * @public
 */
export async function importedAuthority(
  gateway: Pick<AzureGateway, "vaultKeys">,
  id: string,
  { intermediateLifetimeDays }: Defaults,
): Promise<ImportedCredentials> {
  const [file = "", ...given] = importIdParts(id);
  if (given.length !== 2 || [file, ...given].includes("")) throw importIdError("Certificate authority", id, FORM);
  const tiers = tiersOf(file);
  const { root, intermediate } = tiers;
  const [algorithm, other] = [algorithmOf(root.publicKey).name, algorithmOf(intermediate.publicKey).name];
  if (algorithm !== other)
    throw new Error(
      `The root has an ${algorithm} key and the intermediate an ${other} one; the resource has one keyAlgorithm.\n` +
        "  To fix: import a CA with keys of one algorithm.",
    );
  const keys = await keysOf(gateway, tiers, given);
  const inputs = {
    rootName: commonNameIn(root),
    rootLifetimeDays: lifetimeDaysOf(root, 0),
    keyAlgorithm: algorithm,
    intermediateName: commonNameIn(intermediate),
    intermediateLifetimeDays: lifetimeDaysOf(intermediate, intermediateLifetimeDays, root),
    ...keys.inputs,
  };
  const outputs = Object.entries(tiers).flatMap(([tier, certificate]) => [
    [`${tier}Certificate`, certificate.toPem()],
    [`${tier}Thumbprint`, certificate.sha1Thumbprint],
    [`${tier}NotAfter`, certificate.notAfter.toISOString()],
  ]);
  return { inputs, outs: { ...Object.fromEntries(outputs), ...keys.outs } };
}
