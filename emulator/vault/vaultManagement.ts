import type { Operation } from "../kernel/operation";
import { keyManagement } from "./keys/keyManagement";
import type { ManagementDependencies } from "./managedVault";
import { secretManagement } from "./secrets/secretManagement";

/** What ARM does with the objects of vaults: with its own rights, none in the vault. */
export const vaultManagement = (deps: ManagementDependencies): Operation[] => [
  ...secretManagement(deps),
  ...keyManagement(deps),
];
