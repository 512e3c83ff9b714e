import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { armOperations } from "../armOperations";
import {
  checkGroupStays,
  checkLocationStays,
  existingGroup,
  existingResource,
  groupOf,
  NAME,
  RESOURCE_GROUP_PATH,
  readBody,
  resourceOf,
  SUBSCRIPTION_PATH,
  tagsOf,
} from "../armRequest";
import { removeResource } from "../cascadingDelete";
import { armIdOf, commonBody, newEtag, type Resource } from "../microsoftResources/resourceStore";
import { readLocation } from "../regions";
import { IDENTITY_TYPE, newPrincipal } from "./managedIdentity";

/** The ID as the resource provider writes it (recorded: azure-cli `test_dps_identity_lifecycle.yaml`). */
const idOf = (resource: Resource, subscriptionId: string): string =>
  armIdOf(resource, subscriptionId).replace("/resourceGroups/", "/resourcegroups/");

/** A user-assigned identity as ARM returns it. */
const bodyOf = (resource: Resource, { subscriptionId, tenantId }: ArmDependencies): JsonObject => ({
  ...commonBody(resource, subscriptionId),
  id: idOf(resource, subscriptionId),
  properties: { tenantId, ...resource.properties },
});

/** PUT of an identity. Its principal does not change. */
function createOrUpdate(request: Request, deps: ArmDependencies): Response {
  const name = request.params[NAME] ?? "";
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/.test(name)) {
    const message = `The identity name '${name}' is invalid: 3 to 128 letters, digits and the characters - _, the first a letter or digit.`;
    throw frontError(400, "BadRequest", message);
  }
  const body = readBody(request, "arm.userAssignedIdentity");
  const group = existingGroup(request, deps);
  checkGroupStays(group);
  const before = resourceOf(request, IDENTITY_TYPE, deps);
  const location = readLocation(body.location, IDENTITY_TYPE);
  checkLocationStays(before, location);
  const resource: Resource = {
    key: before?.key ?? deps.ids.guid(),
    type: IDENTITY_TYPE,
    name: before?.name ?? name,
    group: group.name,
    location,
    tags: tagsOf(body) ?? {},
    sku: {},
    etag: newEtag(deps),
    properties: before?.properties ?? newPrincipal(deps),
    policies: [],
    createdAt: before?.createdAt ?? deps.clock.now().getTime(),
    readyAt: 0,
  };
  deps.resources.put(resource);
  if (before) return { status: 200, body: bodyOf(resource, deps) };
  return { status: 201, headers: { location: idOf(resource, deps.subscriptionId) }, body: bodyOf(resource, deps) };
}

const get = (request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: bodyOf(existingResource(request, IDENTITY_TYPE, deps), deps),
});

/** PATCH of an identity: its tags. */
function update(request: Request, deps: ArmDependencies): Response {
  const before = existingResource(request, IDENTITY_TYPE, deps);
  const resource = { ...before, tags: tagsOf(readBody(request, "arm.updateTags")) ?? before.tags, etag: newEtag(deps) };
  deps.resources.put(resource);
  return { status: 200, body: bodyOf(resource, deps) };
}

/** DELETE of an identity, and of its principal. Role assignments to the principal stay, as in Azure, and grant nothing. */
function remove(request: Request, deps: ArmDependencies): Response {
  const resource = resourceOf(request, IDENTITY_TYPE, deps);
  if (!resource) return { status: 204 };
  removeResource(resource, deps);
  return { status: 200 };
}

function list(request: Request, deps: ArmDependencies): Response {
  const identities = deps.resources.list({ type: IDENTITY_TYPE, group: groupOf(request, deps)?.name });
  return { status: 200, body: { value: identities.map((each) => bodyOf(each, deps)) } };
}

/** User-assigned managed identities (Azure REST API "User Assigned Identities", 2023-01-31). */
export function userAssignedIdentityOperations(deps: ArmDependencies): Operation[] {
  const all = `${RESOURCE_GROUP_PATH}/providers/${IDENTITY_TYPE}`;
  const path = `${all}/:${NAME}`;
  return armOperations(deps, [
    ["UserAssignedIdentities_CreateOrUpdate", "PUT", path, createOrUpdate],
    ["UserAssignedIdentities_Get", "GET", path, get],
    ["UserAssignedIdentities_Update", "PATCH", path, update],
    ["UserAssignedIdentities_Delete", "DELETE", path, remove],
    ["UserAssignedIdentities_ListByResourceGroup", "GET", all, list],
    ["UserAssignedIdentities_ListBySubscription", "GET", `${SUBSCRIPTION_PATH}/providers/${IDENTITY_TYPE}`, list],
  ]);
}
