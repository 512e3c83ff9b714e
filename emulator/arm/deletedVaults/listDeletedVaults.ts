import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { deletedVaultBody, KEY_VAULT_PATH } from "./deletedVault";

/** The deleted vaults of the subscription. */
export const listDeletedVaults = (deps: ArmDependencies): Operation => ({
  name: "Vaults_ListDeleted",
  method: "GET",
  path: `${KEY_VAULT_PATH}/deletedVaults`,
  handle: () => ({
    status: 200,
    body: { value: deps.deletedVaults.list().map((each) => deletedVaultBody(each, deps)) },
  }),
});

/** The deleted managed HSMs: none, as managed HSMs are not emulated. az lists both kinds by default. */
export const listDeletedManagedHsms = (): Operation => ({
  name: "ManagedHsms_ListDeleted",
  method: "GET",
  path: `${KEY_VAULT_PATH}/deletedManagedHSMs`,
  handle: () => ({ status: 200, body: { value: [] } }),
});
