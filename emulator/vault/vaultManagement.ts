import type { Operation } from "../kernel/operation";
import { keyManagement } from "./keys/keyManagement";
import type { ManagementDependencies } from "./managedObjects";
import { secretManagement } from "./secrets/secretManagement";

/** ARM's operations on the objects of vaults, authorized by ARM's rights, not by the vault's. */
export const vaultManagement = (deps: ManagementDependencies): Operation[] => [
  ...secretManagement(deps),
  ...keyManagement(deps),
];
