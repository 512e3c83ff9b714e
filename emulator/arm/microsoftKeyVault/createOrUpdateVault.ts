import { nameError } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { withUnknownMembers } from "../../kernel/memberVersions";
import type { Request, Response } from "../../kernel/operation";
import { changeOf } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import {
  apiVersionOf,
  checkGroupStays,
  checkLocationStays,
  existingGroup,
  NAME,
  objectAt,
  readVaultBody,
  tagsOf,
} from "../armRequest";
import type { ResourceGroup } from "../microsoftResources/resourceGroupStore";
import { type Change, newEtag, type Resource } from "../microsoftResources/resourceStore";
import { readLocation } from "../regions";
import { readVaultProperties } from "./vaultProperties";
import { propertiesOf, VAULT_TYPE, VAULT_VERSIONS, vaultBody } from "./vaultResource";

/** Azure's message for a name that a deleted vault still has. */
const DELETED_NAME =
  "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.";

function checkName(name: string): void {
  if (nameError("keyVault", name) === undefined) return;
  const message = `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`;
  throw frontError(400, "VaultNameNotValid", message);
}

function checkGroup(group: ResourceGroup, before: Resource | undefined, name: string): void {
  checkGroupStays(group);
  if (!before || before.group.toLowerCase() === group.name.toLowerCase()) return;
  const message = `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists error, please refer to link https://go.microsoft.com/fwlink/?linkid=2147740.`;
  throw frontError(409, "VaultAlreadyExists", message);
}

/** The vault before its deletion, back in its group. Role assignments at it stay lost, as in Azure. */
function recovered(name: string, group: ResourceGroup, location: string, deps: ArmDependencies): Resource {
  const deleted = deps.deletedVaults.named(name);
  if (!deleted || deleted.resource.location !== location) {
    const message = `The specified deleted vault '${name}' does not exist in location '${location}'.`;
    throw frontError(404, "DeletedVaultNotFound", message);
  }
  if (deleted.resource.group.toLowerCase() !== group.name.toLowerCase()) {
    const message = `The deleted vault '${name}' can be recovered into its resource group '${deleted.resource.group}' only, not into '${group.name}'.`;
    throw frontError(400, "BadRequest", message);
  }
  deps.deletedVaults.remove(name);
  return { ...deleted.resource, group: group.name };
}

interface VaultRequest {
  readonly name: string;
  readonly group: ResourceGroup;
  readonly location: string;
  readonly body: JsonObject;
  readonly changed: Change;
  readonly readyAt: number;
}

function changedVault(
  before: Resource | undefined,
  requested: VaultRequest,
  apiVersion: string,
  deps: ArmDependencies,
): Resource {
  const { name, group, location, body, changed, readyAt } = requested;
  const properties = readVaultProperties(body, {
    before: before && propertiesOf(before),
    isPatch: false,
    apiVersion,
  });
  return {
    key: before?.key ?? deps.ids.guid(),
    type: VAULT_TYPE,
    name: before?.name ?? name,
    group: group.name,
    location,
    tags: tagsOf(body) ?? {},
    sku: properties.sku,
    etag: newEtag(deps),
    privateEndpointConnections: before?.privateEndpointConnections,
    properties: { ...properties },
    policies: [],
    createdAt: before?.createdAt ?? changed.at,
    createdBy: before ? before.createdBy : changed.by,
    changed,
    readyAt,
  };
}

/** PUT of a vault: creates it, replaces its properties, or (`createMode` `recover`) recovers it. */
export function createOrUpdateVault(request: Request, deps: ArmDependencies): Response {
  const name = request.params[NAME] ?? "";
  const sent = readVaultBody(request, "vault.createOrUpdate");
  const group = existingGroup(request, deps);
  checkName(name);
  const before = deps.resources.named(VAULT_TYPE, name);
  const stored = { properties: before?.properties ?? {} };
  const body = withUnknownMembers(VAULT_VERSIONS, apiVersionOf(request), sent, stored);
  checkGroup(group, before, name);
  const location = readLocation(body.location, VAULT_TYPE);
  checkLocationStays(before, location);
  const recovers = String(objectAt(body, "properties").createMode).toLowerCase() === "recover";
  if (!before && !recovers && deps.deletedVaults.named(name)) throw frontError(409, "ConflictError", DELETED_NAME);
  const readyAt = deps.longRunning.completionTime();
  const resource =
    recovers && !before
      ? { ...recovered(name, group, location, deps), readyAt }
      : changedVault(
          before,
          { name, group, location, body, changed: changeOf(request, deps), readyAt },
          apiVersionOf(request),
          deps,
        );
  deps.resources.put(resource);
  // 200 for a new vault too (recorded, 98 of 98).
  return { status: 200, headers: deps.longRunning.retryAfter(), body: vaultBody(resource, request, deps) };
}
