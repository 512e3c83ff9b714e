import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { existingResource } from "../existingResource";
import { VAULT_PATH, VAULT_TYPE, vaultBody } from "./vaultResource";

/** GET of a vault. */
export const getVault = (deps: ArmDependencies): Operation => ({
  name: "Vaults_Get",
  method: "GET",
  path: VAULT_PATH,
  handle: (request) => ({ status: 200, body: vaultBody(existingResource(request, VAULT_TYPE, deps), deps) }),
});
