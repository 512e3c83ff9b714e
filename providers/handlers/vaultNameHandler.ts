/**
 * Handler of VaultName: the name of a vault that is to be made, and the place of what soft delete makes of vaults. It is
 * made before its vault and deleted after it. Where a deleted vault holds the name, it says that the vault is to be
 * recovered, or purges it; at the end it purges the vault if that is set (docs/decisions/0012).
 */
import { randomBytes } from "node:crypto";
import type { DeletedVault } from "../../azure/clients/deletedVaultClient";
import type { AzureGateway } from "./resource/azureGateway";
import { checkFields, diffFields, type Fields, named, optionalText, pickFields, text } from "./resource/fields";
import { GONE, type Handler, type Props } from "./resource/handler";
import { importIdError } from "./resource/importId";
import { softDeletedError, waitFor } from "./vault/vaultObject";

type Gateway = Pick<AzureGateway, "deletedVault" | "vault" | "pause">;

/** Inputs. Without a `name` one is chosen: `namePrefix` and eight hexadecimal digits. */
export const FIELDS: Fields = {
  subscriptionId: { isRequired: true, onChange: "replaceWithParent" },
  resourceGroupName: { isRequired: true, onChange: "replaceWithParent" },
  location: { isRequired: true, onChange: "replace" },
  name: { onChange: "replace", validate: named("keyVault") },
  namePrefix: { isRequired: true, onChange: "ignore" },
  softDeleted: { default: "recover", validate: softDeletedError },
  purgeProtection: { default: false },
};

/** How often a vault that was deleted a moment ago is looked for among the deleted ones, and the milliseconds between. */
const LOOKS = 5;
const LOOK_MS = 2_000;

const clientOf = (gateway: Gateway, props: Props, name: string) =>
  gateway.deletedVault(text(props, "subscriptionId"), text(props, "location"), name);

const refusal = (name: string, meaning: string, remedy: string): Error =>
  new Error(`Key vault "${name}" cannot be made: ${meaning}\n  To fix: ${remedy}`);

async function purge(gateway: Gateway, inputs: Props, name: string): Promise<void> {
  const client = clientOf(gateway, inputs, name);
  await client.purge();
  await waitFor(gateway, `vault "${name}" to be purged`, async () => ((await client.get()) ? undefined : true));
}

/** Throws where the vault could not be recovered to its place: ARM would say it less clearly, or put it elsewhere. */
function checkRecoverable(inputs: Props, { name, properties }: DeletedVault): void {
  const [, group] = /\/resourceGroups\/([^/]+)\//i.exec(properties.vaultId) ?? [];
  if (group?.toLowerCase() === text(inputs, "resourceGroupName").toLowerCase()) return;
  throw refusal(
    name,
    `a deleted vault of that name is to be recovered, and it belongs to resource group ${group ?? "(unknown)"}.`,
    `set resourceGroupName to ${group ?? "that group"}, or set keyVaultSoftDeleted to purge, or choose another keyVaultName.`,
  );
}

/** How the vault is to be made: `default`, or `recover` for one that soft delete keeps. */
async function prepare(gateway: Gateway, inputs: Props, name: string): Promise<"default" | "recover"> {
  const deleted = await clientOf(gateway, inputs, name).get();
  if (deleted === undefined) return "default";
  if (inputs.softDeleted !== "purge") {
    checkRecoverable(inputs, deleted);
    return "recover";
  }
  if (deleted.properties.purgeProtectionEnabled === true) {
    const until = deleted.properties.scheduledPurgeDate?.slice(0, 10) ?? "the end of its retention";
    throw refusal(
      name,
      `a deleted vault of that name has purge protection, which keeps it until ${until}.`,
      "set keyVaultSoftDeleted to recover, or choose another keyVaultName.",
    );
  }
  await purge(gateway, inputs, name);
  return "default";
}

const VAULT = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)$/i;

/** Whether a program that leaves the name to be chosen has an imported one: its prefix, and eight digits. */
function isChosen({ vaultName }: Props, { name, namePrefix }: Props): boolean {
  const prefix = String(namePrefix);
  const given = String(vaultName);
  return name === undefined && given.startsWith(prefix) && /^[0-9a-f]{8}$/.test(given.slice(prefix.length));
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    const result = checkFields(FIELDS, news);
    if (result.inputs.softDeleted === "purge" && result.inputs.purgeProtection === true) {
      const reason = "a vault with purge protection cannot be purged: choose `recover`, or no purge protection";
      result.failures.push({ property: "softDeleted", reason });
    }
    return result;
  },
  async diff(_id, olds, news) {
    return diffFields(FIELDS, olds, isChosen(olds, news) ? { ...news, name: olds.name } : news);
  },
  async create(inputs) {
    const given = optionalText(inputs, "name");
    const vaultName = given ?? `${text(inputs, "namePrefix")}${randomBytes(4).toString("hex")}`;
    const createMode = given === undefined ? "default" : await prepare(gateway, inputs, given);
    return { id: vaultName, outs: { ...pickFields(FIELDS, inputs), vaultName, createMode } };
  },
  async read(id, props) {
    // Deleted behind our back: a vault that is made again under the name has to be the deleted one.
    const isDeleted = (await clientOf(gateway, props, text(props, "vaultName")).get()) !== undefined;
    return { id, props: isDeleted ? { ...props, createMode: "recover" } : { ...props } };
  },
  async import(id) {
    const [, subscriptionId, resourceGroupName, name] = VAULT.exec(id) ?? [];
    if (subscriptionId === undefined || resourceGroupName === undefined || name === undefined)
      throw importIdError("Vault name", id, "/subscriptions/…/providers/Microsoft.KeyVault/vaults/NAME");
    const vault = await gateway.vault(id).get();
    if (vault === undefined) return GONE;
    const inputs = {
      ...{ subscriptionId, resourceGroupName, location: vault.location, name: vault.name },
      namePrefix: vault.name.replace(/[0-9a-f]{8}$/, "").slice(0, 16),
      softDeleted: "recover",
      purgeProtection: vault.properties.enablePurgeProtection === true,
    };
    return { id: vault.name, props: { ...inputs, vaultName: vault.name, createMode: "default" }, inputs };
  },
  async update(_id, { vaultName, createMode }, news) {
    return { outs: { ...pickFields(FIELDS, news), vaultName, createMode } };
  },
  async delete(_id, props) {
    if (props.softDeleted !== "purge" || props.purgeProtection === true) return;
    const name = text(props, "vaultName");
    for (let left = LOOKS; left > 0; left -= 1) {
      if (await clientOf(gateway, props, name).get()) return purge(gateway, props, name);
      await gateway.pause(LOOK_MS);
    }
  },
});
