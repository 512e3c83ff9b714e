import type { Operation } from "../kernel/call";
import { keyManagement } from "./keys/management";
import type { ManagementParts } from "./managedVault";
import { secretManagement } from "./secrets/management";

/** What ARM does with the objects of vaults: with its own rights, none in the vault. */
export const vaultManagement = (parts: ManagementParts): Operation[] => [
  ...secretManagement(parts),
  ...keyManagement(parts),
];
