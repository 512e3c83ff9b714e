import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { purgeVault } from "../resources/removal";
import { propertiesOf } from "../vaults/vaultResource";
import { existingDeletedVault, KEY_VAULT_LOCATION_PATH, locationIdOf } from "./deletedVault";

/** Purges a deleted vault with everything in it: a long-running operation. Purge protection refuses it. */
export const purgeDeletedVault = (deps: ArmDependencies): Operation => ({
  name: "Vaults_PurgeDeleted",
  method: "POST",
  path: `${KEY_VAULT_LOCATION_PATH}/deletedVaults/:vaultName/purge`,
  handle(request) {
    const deleted = existingDeletedVault(request, deps);
    const { name, location } = deleted.resource;
    if (propertiesOf(deleted.resource).enablePurgeProtection) {
      throw frontError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
    }
    const readyAt = deps.longRunning.completionTime();
    const path = `${locationIdOf(location, deps.subscriptionId)}/operationResults`;
    const { result } = deps.commit(() => {
      // With real delays the vault is purged by the first request after that time.
      if (readyAt <= deps.clock.now().getTime()) purgeVault(deleted, deps);
      else deps.deletedVaults.put({ ...deleted, purgeAt: readyAt });
      return deps.longRunning.start(request, path, readyAt);
    });
    return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() }, body: { name } };
  },
});

/** The result of a purge. */
export const getPurgeResult = (deps: ArmDependencies): Operation => ({
  name: "Vaults_GetOperationResult",
  method: "GET",
  path: `${KEY_VAULT_LOCATION_PATH}/operationResults/:operationId`,
  handle(request) {
    const response = deps.longRunning.poll(request);
    if (response.status !== 200 || response.body !== undefined) return response;
    const at = deps.clock.now().toISOString();
    return { status: 200, body: { createdDateTime: at, lastActionDateTime: at, status: "Succeeded" } };
  },
});
