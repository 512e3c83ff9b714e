import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { deletedVaultBody, existingDeletedVault, KEY_VAULT_LOCATION_PATH } from "./deletedVault";

/** GET of a deleted vault. */
export const getDeletedVault = (deps: ArmDependencies): Operation => ({
  name: "Vaults_GetDeleted",
  method: "GET",
  path: `${KEY_VAULT_LOCATION_PATH}/deletedVaults/:vaultName`,
  handle: (request) => ({ status: 200, body: deletedVaultBody(existingDeletedVault(request, deps), deps) }),
});
