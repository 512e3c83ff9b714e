import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { resourceOf } from "../existingResource";
import { removeResource } from "../resources/removal";
import { VAULT_PATH, VAULT_TYPE } from "./vaultResource";

/** DELETE of a vault. It can be recovered until its scheduled purge. */
export const deleteVault = (deps: ArmDependencies): Operation => ({
  name: "Vaults_Delete",
  method: "DELETE",
  path: VAULT_PATH,
  handle(request) {
    const resource = resourceOf(request, VAULT_TYPE, deps);
    if (!resource) return { status: 204 };
    deps.commit(() => removeResource(resource, deps));
    return { status: 200 };
  },
});
