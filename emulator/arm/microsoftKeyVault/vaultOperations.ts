import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import { changeOf } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import {
  existingResource,
  groupOf,
  objectAt,
  readVaultBody,
  requestedName,
  resourceOf,
  SUBSCRIPTION_PATH,
  tagsOf,
} from "../armRequest";
import { removeResource } from "../cascadingDelete";
import { armIdOf } from "../microsoftResources/resourceStore";
import { createOrUpdateVault } from "./createOrUpdateVault";
import { changedPolicies, readPolicies } from "./vaultAccessPolicies";
import { readVaultProperties } from "./vaultProperties";
import { propertiesOf, VAULT_PATH, VAULT_TYPE, VAULTS_PATH, vaultBody, withProperties } from "./vaultResource";

/** PATCH of a vault: missing properties keep their values. */
function updateVault(request: Request, deps: ArmDependencies): Response {
  const resource = existingResource(request, VAULT_TYPE, deps);
  const body = readVaultBody(request, "vault.update");
  const properties = readVaultProperties(body, {
    before: propertiesOf(resource),
    isPatch: true,
    apiVersion: request.query.get("api-version") ?? "",
  });
  const changed = {
    ...withProperties(resource, properties, changeOf(request, deps), deps),
    tags: tagsOf(body) ?? resource.tags,
  };
  deps.resources.put(changed);
  return { status: 200, body: vaultBody(changed, request, deps) };
}

const getVault = (request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: vaultBody(existingResource(request, VAULT_TYPE, deps), request, deps),
});

/** DELETE of a vault. It can be recovered until its scheduled purge. */
function deleteVault(request: Request, deps: ArmDependencies): Response {
  const resource = resourceOf(request, VAULT_TYPE, deps);
  if (!resource) return { status: 204 };
  removeResource(resource, deps);
  return { status: 200 };
}

function listVaults(request: Request, deps: ArmDependencies): Response {
  const vaults = deps.resources.list({ type: VAULT_TYPE, group: groupOf(request, deps)?.name });
  return listResponse(
    request,
    vaults.map((each) => vaultBody(each, request, deps)),
  );
}

/** Adds, replaces or removes access policies of a vault. */
function updateAccessPolicy(request: Request, deps: ArmDependencies): Response {
  const kind = (["add", "replace", "remove"] as const).find((each) => each === request.params.kind?.toLowerCase());
  if (!kind) {
    const message = `Access policies are added, replaced or removed, not '${request.params.kind}'.`;
    throw frontError(400, "BadRequest", message);
  }
  const resource = existingResource(request, VAULT_TYPE, deps);
  const requested = readPolicies(
    objectAt(readVaultBody(request, "vault.updateAccessPolicy"), "properties").accessPolicies,
  );
  const before = propertiesOf(resource);
  const accessPolicies = changedPolicies(before.accessPolicies, requested, kind);
  deps.resources.put(withProperties(resource, { ...before, accessPolicies }, changeOf(request, deps), deps));
  const body = {
    id: `${armIdOf(resource, deps.subscriptionId)}/accessPolicies/`,
    type: `${VAULT_TYPE}/accessPolicies`,
    location: resource.location,
    properties: { accessPolicies },
  };
  return { status: 200, body };
}

/** Whether the name of a vault is free. */
function checkVaultName(request: Request, deps: ArmDependencies): Response {
  const name = requestedName(request);
  const error = nameError("keyVault", name);
  if (error) return { status: 200, body: { nameAvailable: false, reason: "AccountNameInvalid", message: `${error}.` } };
  if (!deps.resources.named(VAULT_TYPE, name) && !deps.deletedVaults.named(name)) {
    return { status: 200, body: { nameAvailable: true } };
  }
  const message = `The vault name '${name}' is already in use, by a vault or by one that was deleted and not purged.`;
  return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
}

/** Vaults in the control plane (Azure REST API "Key Vault management – Vaults"). */
export function vaultOperations(deps: ArmDependencies): Operation[] {
  const provider = `${SUBSCRIPTION_PATH}/providers/Microsoft.KeyVault`;
  return armOperations(deps, [
    ["Vaults_CreateOrUpdate", "PUT", VAULT_PATH, createOrUpdateVault],
    ["Vaults_Update", "PATCH", VAULT_PATH, updateVault],
    ["Vaults_Get", "GET", VAULT_PATH, getVault],
    ["Vaults_Delete", "DELETE", VAULT_PATH, deleteVault],
    ["Vaults_ListByResourceGroup", "GET", VAULTS_PATH, listVaults],
    ["Vaults_ListBySubscription", "GET", `${provider}/vaults`, listVaults],
    ["Vaults_UpdateAccessPolicy", "PUT", `${VAULT_PATH}/accessPolicies/:kind`, updateAccessPolicy],
    ["Vaults_CheckNameAvailability", "POST", `${provider}/checkNameAvailability`, checkVaultName],
  ]);
}
