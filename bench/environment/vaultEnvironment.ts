import { API_VERSIONS, SCOPES } from "../../azure/apiVersions";
import type { LocalAzure } from "./localAzure";

/** A vault of the local Azure with one EC P-256 key in it, and the right to use it. */
export interface VaultEnvironment {
  /** For example `bench-vault.vault.azure.net`. */
  readonly host: string;
  /** Key ID. */
  readonly kid: string;
  /** The key's path with its version: `/keys/ca/0123…`. */
  readonly keyPath: string;
  /** Headers of every call: token and content type. */
  readonly headers: Readonly<Record<string, string>>;
}

const VAULT = "bench-vault";
const GROUP = "/resourceGroups/bench-vaults";

/** Creates the vault through ARM, and the key in it. */
export async function createVaultEnvironment(azure: LocalAzure): Promise<VaultEnvironment> {
  const { tenantId, objectId } = azure.facts;
  const location = "westeurope";
  await azure.arm("PUT", `${GROUP}?api-version=${API_VERSIONS.resourceGroups}`, { location });
  const permissions = { keys: ["all"], secrets: ["all"], certificates: ["all"] };
  await azure.arm("PUT", `${GROUP}/providers/Microsoft.KeyVault/vaults/${VAULT}?api-version=${API_VERSIONS.vaults}`, {
    location,
    properties: {
      tenantId,
      sku: { family: "A", name: "standard" },
      accessPolicies: [{ tenantId, objectId, permissions }],
    },
  });
  const host = `${VAULT}.vault.azure.net`;
  const headers = {
    authorization: `Bearer ${await azure.token(SCOPES.vault)}`,
    "content-type": "application/json",
  };
  const created = await azure.ask({
    host,
    method: "POST",
    path: `/keys/ca/create?api-version=${API_VERSIONS.vaultObjects}`,
    headers,
    body: JSON.stringify({ kty: "EC", crv: "P-256" }),
  });
  const { kid } = (JSON.parse(created.text) as { key: { kid: string } }).key;
  return { host, kid, keyPath: new URL(kid).pathname, headers };
}
