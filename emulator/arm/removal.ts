import { idOf } from "./devices/resourceBody";
import type { ArmParts } from "./parts";
import type { Resource } from "./resourceTable";
import type { DeletedVault } from "./vaults/deletedVaultTable";
import { propertiesOf, VAULT_TYPE } from "./vaults/vault";

type RemovalParts = Pick<
  ArmParts,
  "store" | "clock" | "subscriptionId" | "resources" | "groups" | "directory" | "deletedVaults" | "roleAssignments"
>;

/** Milliseconds. */
const DAY = 86_400_000;

/**
 * Removes a resource and, through the directory, all that the data planes keep of it; a vault with what it holds can be
 * recovered until its scheduled purge. Role assignments at it go for good, even those of a vault that comes back (Azure
 * documentation, "Key Vault recovery management"). To be called in a transaction.
 */
export function removeResource(resource: Resource, parts: RemovalParts): void {
  const { resources, directory, deletedVaults, roleAssignments, clock } = parts;
  if (resource.type === VAULT_TYPE) {
    const deletedAt = clock.now().getTime();
    const purgeAt = deletedAt + propertiesOf(resource).softDeleteRetentionInDays * DAY;
    deletedVaults.put({ resource, deletedAt, purgeAt });
  } else directory.removed(resource);
  resources.remove(resource.key);
  roleAssignments.removeBelow(idOf(resource, parts.subscriptionId));
}

/** Removes a deleted vault for good, with all that it held. To be called in a transaction. */
export function purgeVault({ resource }: DeletedVault, { directory, deletedVaults }: RemovalParts): void {
  deletedVaults.remove(resource.name);
  directory.vaultPurged(resource.key);
}

/** Removes a group with everything in it. To be called in a transaction. */
export function removeGroup(name: string, parts: RemovalParts): void {
  for (const resource of parts.resources.list({ group: name })) removeResource(resource, parts);
  parts.groups.remove(name);
  parts.roleAssignments.removeBelow(`/subscriptions/${parts.subscriptionId}/resourceGroups/${name}`);
}

/** Ends the deletions whose time has come: only with real delays does one last longer than its request. */
export function sweep(parts: RemovalParts): void {
  const now = parts.clock.now().getTime();
  const groups = parts.groups.due(now);
  const resources = parts.resources.due(now);
  const vaults = parts.deletedVaults.due(now);
  if (groups.length + resources.length + vaults.length === 0) return;
  parts.store.transaction(() => {
    for (const { name } of groups) removeGroup(name, parts);
    for (const resource of resources) removeResource(resource, parts);
    for (const vault of vaults) purgeVault(vault, parts);
  });
  parts.directory.changed();
}
