import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { regionKey } from "../regions";
import type { JsonObject } from "../requestBody";
import { purgeVault } from "../resources/removal";
import { propertiesOf, vaultIdOf } from "../vaults/vaultResource";
import type { DeletedVault } from "./deletedVaultStore";

const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const PROVIDER = "/providers/Microsoft.KeyVault";
const AT = `${SUBSCRIPTION}${PROVIDER}/locations/:location`;

function body({ resource, deletedAt, purgeAt }: DeletedVault, { subscriptionId }: ArmDependencies): JsonObject {
  const { location, name, tags } = resource;
  return {
    id: `/subscriptions/${subscriptionId}${PROVIDER}/locations/${location}/deletedVaults/${name}`,
    name,
    type: "Microsoft.KeyVault/deletedVaults",
    properties: {
      vaultId: vaultIdOf(resource, subscriptionId),
      location,
      tags,
      deletionDate: new Date(deletedAt).toISOString(),
      scheduledPurgeDate: new Date(purgeAt).toISOString(),
      ...(propertiesOf(resource).enablePurgeProtection ? { purgeProtectionEnabled: true } : {}),
    },
  };
}

function existing(request: Request, { deletedVaults }: ArmDependencies): DeletedVault {
  const { vaultName: name = "", location = "" } = request.params;
  const deleted = deletedVaults.named(name);
  if (deleted && regionKey(location) === deleted.resource.location) return deleted;
  throw frontError(404, "DeletedVaultNotFound", `The specified deleted vault '${name}' does not exist.`);
}

function purge(request: Request, deps: ArmDependencies): Response {
  const deleted = existing(request, deps);
  const { name, location } = deleted.resource;
  if (propertiesOf(deleted.resource).enablePurgeProtection) {
    throw frontError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
  }
  const readyAt = deps.longRunning.endOfOneStartedNow();
  const path = `/subscriptions/${deps.subscriptionId}${PROVIDER}/locations/${location}/operationResults`;
  const { result } = deps.database.transaction(() => {
    // With real delays the vault goes, and its name is free, when somebody looks after that time.
    if (readyAt <= deps.clock.now().getTime()) purgeVault(deleted, deps);
    else deps.deletedVaults.put({ ...deleted, purgeAt: readyAt });
    return deps.longRunning.start(request, path, readyAt);
  });
  deps.directory.changed();
  return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() }, body: { name } };
}

function pollPurge(request: Request, deps: ArmDependencies): Response {
  const response = deps.longRunning.poll(request);
  if (response.status !== 200 || response.body !== undefined) return response;
  const at = deps.clock.now().toISOString();
  return { status: 200, body: { createdDateTime: at, lastActionDateTime: at, status: "Succeeded" } };
}

/** Deleted vaults: list, get, purge (REST reference, "Vaults – List Deleted" and following). */
export const deletedVaultOperations = (deps: ArmDependencies): Operation[] => [
  {
    name: "Vaults_ListDeleted",
    method: "GET",
    path: `${SUBSCRIPTION}${PROVIDER}/deletedVaults`,
    handle: () => ({ status: 200, body: { value: deps.deletedVaults.list().map((each) => body(each, deps)) } }),
  },
  {
    name: "Vaults_GetDeleted",
    method: "GET",
    path: `${AT}/deletedVaults/:vaultName`,
    handle: (request) => ({ status: 200, body: body(existing(request, deps), deps) }),
  },
  {
    name: "Vaults_PurgeDeleted",
    method: "POST",
    path: `${AT}/deletedVaults/:vaultName/purge`,
    handle: (request) => purge(request, deps),
  },
  // az lists both kinds when it is told neither. Managed HSMs cannot be made here, so there are none.
  {
    name: "ManagedHsms_ListDeleted",
    method: "GET",
    path: `${SUBSCRIPTION}${PROVIDER}/deletedManagedHSMs`,
    handle: () => ({ status: 200, body: { value: [] } }),
  },
  {
    name: "Vaults_GetOperationResult",
    method: "GET",
    path: `${AT}/operationResults/:operationId`,
    handle: (request) => pollPurge(request, deps),
  },
];
