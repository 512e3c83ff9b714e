import { DAY_MS } from "../../certs/clock";
import type { ArmDependencies } from "./armDependencies";
import { HUB_TYPE } from "./microsoftDevices/iotHub";
import { SERVICE_TYPE } from "./microsoftDevices/provisioningService";
import type { DeletedVault } from "./microsoftKeyVault/deletedVaultStore";
import { propertiesOf, VAULT_TYPE } from "./microsoftKeyVault/vaultResource";
import { armIdOf, type Resource } from "./microsoftResources/resourceStore";

/**
 * Removes a resource and, through the directory, its data in the data planes. A vault can be recovered with its contents
 * until its scheduled purge. Role assignments at the resource are lost, even when a vault is recovered (Azure
 * documentation, "Key Vault recovery management"). Call it in a transaction.
 */
export function removeResource(resource: Resource, deps: ArmDependencies): void {
  const { resources, directory, deletedVaults, roleAssignments, clock } = deps;
  if (resource.type === VAULT_TYPE) {
    const deletedAt = clock.now().getTime();
    const purgeAt = deletedAt + propertiesOf(resource).softDeleteRetentionInDays * DAY_MS;
    deletedVaults.put({ resource, deletedAt, purgeAt });
  } else if (resource.type === HUB_TYPE || resource.type === SERVICE_TYPE) directory.removed(resource);
  resources.remove(resource.key);
  roleAssignments.removeBelow(armIdOf(resource, deps.subscriptionId));
}

/** Removes a deleted vault and its contents. Call it in a transaction. */
export function purgeVault({ resource }: DeletedVault, { directory, deletedVaults }: ArmDependencies): void {
  deletedVaults.remove(resource.name);
  directory.vaultPurged(resource.key);
}

/** Removes a group with everything in it. Call it in a transaction. */
export function removeGroup(name: string, deps: ArmDependencies): void {
  for (const resource of deps.resources.list({ group: name })) removeResource(resource, deps);
  deps.groups.remove(name);
  deps.roleAssignments.removeBelow(`/subscriptions/${deps.subscriptionId}/resourceGroups/${name}`);
}

/** Removes resources that are due for deletion. Only with real delays does a deletion last longer than its request. */
export function removeDue(deps: ArmDependencies): void {
  const now = deps.clock.now().getTime();
  const groups = deps.groups.due(now);
  const resources = deps.resources.due(now);
  const vaults = deps.deletedVaults.due(now);
  if (groups.length + resources.length + vaults.length === 0) return;
  deps.database.transaction(() => {
    for (const { name } of groups) removeGroup(name, deps);
    for (const resource of resources) removeResource(resource, deps);
    for (const vault of vaults) purgeVault(vault, deps);
  });
  deps.directory.changed();
}
