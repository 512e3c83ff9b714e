import { regionKey } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { armOperations } from "../armOperations";
import { SUBSCRIPTION_PATH } from "../armRequest";
import { purgeVault } from "../cascadingDelete";
import { armIdOf } from "../microsoftResources/resourceStore";
import type { DeletedVault } from "./deletedVaultStore";
import { propertiesOf } from "./vaultResource";

const PROVIDER = "/providers/Microsoft.KeyVault";

/** A location's path in ARM IDs. */
const locationIdOf = (location: string, subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}${PROVIDER}/locations/${location}`;

/** A time in milliseconds since 1970 as the vault's resource provider writes it. */
const wholeSeconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** A deleted vault as ARM returns it. */
function deletedVaultBody({ resource, deletedAt, purgeAt }: DeletedVault, subscriptionId: string): JsonObject {
  const { location, name, tags } = resource;
  return {
    id: `${locationIdOf(location, subscriptionId)}/deletedVaults/${name}`,
    name,
    type: "Microsoft.KeyVault/deletedVaults",
    properties: {
      vaultId: armIdOf(resource, subscriptionId),
      location,
      tags,
      deletionDate: wholeSeconds(deletedAt),
      scheduledPurgeDate: wholeSeconds(purgeAt),
      purgeProtectionEnabled: propertiesOf(resource).enablePurgeProtection,
    },
  };
}

function listDeletedVaults(_request: Request, { deletedVaults, subscriptionId }: ArmDependencies): Response {
  return { status: 200, body: { value: deletedVaults.list().map((each) => deletedVaultBody(each, subscriptionId)) } };
}

/** The deleted managed HSMs: none, as managed HSMs are not emulated. az lists both kinds by default. */
const listDeletedManagedHsms = (): Response => ({ status: 200, body: { value: [] } });

/** The deleted vault of a request; throws 404. */
function existingDeletedVault(request: Request, { deletedVaults }: ArmDependencies): DeletedVault {
  const { vaultName: name = "", location = "" } = request.params;
  const deleted = deletedVaults.named(name);
  if (deleted && regionKey(location) === deleted.resource.location) return deleted;
  throw frontError(404, "DeletedVaultNotFound", `The specified deleted vault '${name}' does not exist.`);
}

const getDeletedVault = (request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: deletedVaultBody(existingDeletedVault(request, deps), deps.subscriptionId),
});

/** Purges a deleted vault with everything in it: a long-running operation. Purge protection refuses it. */
function purgeDeletedVault(request: Request, deps: ArmDependencies): Response {
  const deleted = existingDeletedVault(request, deps);
  const { location } = deleted.resource;
  if (propertiesOf(deleted.resource).enablePurgeProtection) {
    throw frontError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
  }
  const readyAt = deps.longRunning.completionTime();
  // With real delays the vault is purged by the first request after that time.
  if (readyAt <= deps.clock.now().getTime()) purgeVault(deleted, deps);
  else deps.deletedVaults.put({ ...deleted, purgeAt: readyAt });
  const path = `${locationIdOf(location, deps.subscriptionId)}/operationResults`;
  const { result } = deps.longRunning.start(request, path, readyAt);
  return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() } };
}

/** The result of a purge. */
function getPurgeResult(request: Request, deps: ArmDependencies): Response {
  const response = deps.longRunning.poll(request);
  if (response.status !== 200 || response.body !== undefined) return response;
  const at = deps.clock.now().toISOString();
  return { status: 200, body: { createdDateTime: at, lastActionDateTime: at, status: "Succeeded" } };
}

/** Deleted vaults (Azure REST API "Vaults – List Deleted" and following). */
export function deletedVaultOperations(deps: ArmDependencies): Operation[] {
  const provider = `${SUBSCRIPTION_PATH}${PROVIDER}`;
  const location = `${provider}/locations/:location`;
  const path = `${location}/deletedVaults/:vaultName`;
  return armOperations(deps, [
    ["Vaults_ListDeleted", "GET", `${provider}/deletedVaults`, listDeletedVaults],
    ["Vaults_GetDeleted", "GET", path, getDeletedVault],
    ["Vaults_PurgeDeleted", "POST", `${path}/purge`, purgeDeletedVault],
    ["ManagedHsms_ListDeleted", "GET", `${provider}/deletedManagedHSMs`, listDeletedManagedHsms],
    ["Vaults_GetOperationResult", "GET", `${location}/operationResults/:operationId`, getPurgeResult],
  ]);
}
