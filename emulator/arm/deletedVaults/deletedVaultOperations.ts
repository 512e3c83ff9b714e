import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { getDeletedVault } from "./getDeletedVault";
import { listDeletedManagedHsms, listDeletedVaults } from "./listDeletedVaults";
import { getPurgeResult, purgeDeletedVault } from "./purgeDeletedVault";

/** Deleted vaults (Azure REST API "Vaults – List Deleted" and following). */
export const deletedVaultOperations = (deps: ArmDependencies): Operation[] =>
  [listDeletedVaults, getDeletedVault, purgeDeletedVault, listDeletedManagedHsms, getPurgeResult].map((operation) =>
    operation(deps),
  );
