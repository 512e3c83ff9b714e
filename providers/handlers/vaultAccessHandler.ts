/**
 * Handler of VaultAccess: waits until this identity has data-plane access. A new role assignment takes minutes to
 * reach the vault (Azure documentation "Azure RBAC for Key Vault data plane"); everything that uses the vault waits for
 * this one resource. A missing role is reported before anything is created.
 */
import { AzureError } from "../../azure/clients/azureError";
import { vaultUriOf } from "../../azure/vaultIds";
import type { AzureGateway } from "./resource/azureGateway";
import { isSame } from "./resource/canonicalJson";
import { checkFields, diffFields, type Fields, pickFields, text, UNKNOWN } from "./resource/fields";
import type { Handler, Props } from "./resource/handler";
import { importedVaultUri, importIdError, importIdParts } from "./resource/importId";
import { vaultAddress } from "./vault/vaultObject";

type Gateway = Pick<AzureGateway, "vaultKeys" | "vaultSecrets" | "vaultCertificates" | "now" | "pause">;

/** The kinds of object, in the order in which access is looked for, and their clients. */
const CLIENTS = { keys: "vaultKeys", certificates: "vaultCertificates", secrets: "vaultSecrets" } as const;

const kindsError = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((kind) => kind === UNKNOWN || (Object.keys(CLIENTS) as unknown[]).includes(kind))
    ? undefined
    : `must be a list of ${Object.keys(CLIENTS).join(", ")}`;

const isSameList = (before: unknown, after: unknown): boolean =>
  isSame(Array.isArray(before) ? [...before].sort() : before, Array.isArray(after) ? [...after].sort() : after);

/**
 * Inputs: the vault, the kinds of object that are to be used, and the role assignments that this stack made for them; none
 * for an existing vault.
 */
export const FIELDS: Fields = {
  vaultUri: { isRequired: true, onChange: "replaceWithParent", validate: vaultAddress },
  kinds: { isRequired: true, validate: kindsError, isSame: isSameList },
  // Not known of an import, and of no effect once there is access.
  grants: { isSame: (before, after) => before === undefined || isSame(before, after ?? []) },
};

/** A name without an object: reading it returns 404 with access, and 403 without. */
const PROBE_NAME = "zero-touch-access-check";
/** Milliseconds that a role is waited for: Azure names ten minutes as the longest. */
const TIMEOUT_MS = 600_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

async function enter(gateway: Gateway, inputs: Props): Promise<Record<string, unknown>> {
  const vaultUri = text(inputs, "vaultUri");
  const isGranted = Array.isArray(inputs.grants) && inputs.grants.length > 0;
  const until = gateway.now().getTime() + (isGranted ? TIMEOUT_MS : 0);
  for (const [kind, client] of Object.entries(CLIENTS)) {
    if (!(inputs.kinds as readonly unknown[]).includes(kind)) continue;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        await gateway[client](vaultUri).get(PROBE_NAME);
        break;
      } catch (error) {
        const isForbidden = error instanceof AzureError && error.status === 403;
        if (!isForbidden || gateway.now().getTime() + wait > until) throw error;
        await gateway.pause(wait);
      }
    }
  }
  return { ...pickFields(FIELDS, inputs), openUri: vaultUriOf(vaultUri) ?? vaultUri };
}

/** The kinds of object that this identity may read now. */
async function openKinds(gateway: Gateway, vaultUri: string): Promise<string[]> {
  const probes = Object.entries(CLIENTS).map(async ([kind, client]) => {
    try {
      await gateway[client](vaultUri).get(PROBE_NAME);
      return [kind];
    } catch (error) {
      if (error instanceof AzureError && error.status === 403) return [];
      throw error;
    }
  });
  return (await Promise.all(probes)).flat();
}

/** The handler. Nothing is made, so delete does nothing. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    const { inputs, failures } = checkFields(FIELDS, news);
    return { inputs: { grants: [], ...inputs }, failures };
  },
  async diff(_id, olds, news) {
    return diffFields(FIELDS, olds, news);
  },
  async create(inputs) {
    return { id: text(inputs, "vaultUri"), outs: await enter(gateway, inputs) };
  },
  async read(id, props) {
    return { id, props: { ...props } };
  },
  /** `VAULT_URI`, or with the kinds that are used, `VAULT_URI,keys,secrets`: by default those with access. */
  async import(id) {
    const [uri = "", ...named] = importIdParts(id);
    const vaultUri = importedVaultUri("Vault access", uri);
    const error = kindsError(named);
    if (error !== undefined) throw importIdError("Vault access", id, `VAULT_URI,KINDS; KINDS ${error}`);
    const kinds = named.length > 0 ? named : await openKinds(gateway, vaultUri);
    if (kinds.length === 0)
      throw new Error(
        `This identity has no data-plane access to ${vaultUri}.\n  To fix: assign it a role on the vault, or deploy the KeyVault.`,
      );
    const inputs = { vaultUri, kinds };
    return { id: vaultUri, props: await enter(gateway, inputs), inputs };
  },
  async update(_id, _olds, news) {
    return { outs: await enter(gateway, news) };
  },
  async delete() {},
});
