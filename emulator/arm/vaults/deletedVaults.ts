import type { Answer, Call, Operation } from "../../kernel/call";
import { frontError } from "../errors";
import { regionKey } from "../locations";
import type { ArmParts } from "../parts";
import { purgeVault } from "../removal";
import type { JsonObject } from "../requestBody";
import type { DeletedVault } from "./deletedVaultTable";
import { propertiesOf, vaultIdOf } from "./vault";

const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const PROVIDER = "/providers/Microsoft.KeyVault";
const AT = `${SUBSCRIPTION}${PROVIDER}/locations/:location`;

function body({ resource, deletedAt, purgeAt }: DeletedVault, { subscriptionId }: ArmParts): JsonObject {
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

function existing(call: Call, { deletedVaults }: ArmParts): DeletedVault {
  const { vaultName: name = "", location = "" } = call.params;
  const deleted = deletedVaults.named(name);
  if (deleted && regionKey(location) === deleted.resource.location) return deleted;
  throw frontError(404, "DeletedVaultNotFound", `The specified deleted vault '${name}' does not exist.`);
}

function purge(call: Call, parts: ArmParts): Answer {
  const deleted = existing(call, parts);
  const { name, location } = deleted.resource;
  if (propertiesOf(deleted.resource).enablePurgeProtection) {
    throw frontError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
  }
  const readyAt = parts.longRunning.endOfOneStartedNow();
  const path = `/subscriptions/${parts.subscriptionId}${PROVIDER}/locations/${location}/operationResults`;
  const { result } = parts.store.transaction(() => {
    // With real delays the vault goes, and its name is free, when somebody looks after that time.
    if (readyAt <= parts.clock.now().getTime()) purgeVault(deleted, parts);
    else parts.deletedVaults.put({ ...deleted, purgeAt: readyAt });
    return parts.longRunning.start(call, path, readyAt);
  });
  parts.directory.changed();
  return { status: 202, headers: { location: result, ...parts.longRunning.retryAfter() }, body: { name } };
}

function pollPurge(call: Call, parts: ArmParts): Answer {
  const answer = parts.longRunning.poll(call);
  if (answer.status !== 200 || answer.body !== undefined) return answer;
  const at = parts.clock.now().toISOString();
  return { status: 200, body: { createdDateTime: at, lastActionDateTime: at, status: "Succeeded" } };
}

/** Deleted vaults: list, get, purge (REST reference, "Vaults – List Deleted" and following). */
export const deletedVaultOperations = (parts: ArmParts): Operation[] => [
  {
    name: "Vaults_ListDeleted",
    method: "GET",
    path: `${SUBSCRIPTION}${PROVIDER}/deletedVaults`,
    handle: () => ({ status: 200, body: { value: parts.deletedVaults.list().map((each) => body(each, parts)) } }),
  },
  {
    name: "Vaults_GetDeleted",
    method: "GET",
    path: `${AT}/deletedVaults/:vaultName`,
    handle: (call) => ({ status: 200, body: body(existing(call, parts), parts) }),
  },
  {
    name: "Vaults_PurgeDeleted",
    method: "POST",
    path: `${AT}/deletedVaults/:vaultName/purge`,
    handle: (call) => purge(call, parts),
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
    handle: (call) => pollPurge(call, parts),
  },
];
