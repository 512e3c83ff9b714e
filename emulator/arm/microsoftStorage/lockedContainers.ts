import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import type { Resource } from "../microsoftResources/resourceStore";
import { STORAGE_TYPE } from "./storageAccountResource";

/** Throws 409 for an account with a container whose immutability policy is locked (message: azure-powershell#26148). */
export function checkAccountDeletable(account: Resource, { blobContainers }: ArmDependencies): void {
  const locked = blobContainers.list(account.key).filter(({ policy }) => policy?.isLocked === true);
  if (locked.length === 0) return;
  const names = locked.map(({ name }) => name).join(", ");
  const message = `The storage account ${account.name} is protected from deletion. The container(s) ${names} have a locked immutability policy.`;
  throw frontError(409, "AccountProtectedFromDeletion", message);
}

/** As above, for all accounts of a resource group that is to be deleted. */
export function checkGroupDeletable(group: string, deps: ArmDependencies): void {
  for (const account of deps.resources.list({ type: STORAGE_TYPE, group })) checkAccountDeletable(account, deps);
}
