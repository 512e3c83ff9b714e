import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { checkVaultName } from "./checkVaultName";
import { createOrUpdateVault } from "./createOrUpdateVault";
import { deleteVault } from "./deleteVault";
import { getVault } from "./getVault";
import { listVaults, listVaultsOfGroup } from "./listVaults";
import { updateAccessPolicy } from "./updateAccessPolicy";
import { updateVault } from "./updateVault";

/** Vaults in the control plane (Azure REST API "Key Vault management – Vaults"). */
export const vaultOperations = (deps: ArmDependencies): Operation[] =>
  [
    createOrUpdateVault,
    updateVault,
    getVault,
    deleteVault,
    listVaultsOfGroup,
    listVaults,
    updateAccessPolicy,
    checkVaultName,
  ].map((operation) => operation(deps));
