import { nameError } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError, notEmulated } from "../armErrors";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import {
  checkGroupStays,
  existingGroup,
  GROUP,
  RESOURCE_GROUP_PATH,
  readBody,
  SUBSCRIPTION_PATH,
  tagsOf,
} from "../armRequest";
import { removeGroup } from "../cascadingDelete";
import { checkGroupDeletable } from "../microsoftStorage/lockedContainers";
import { readLocation } from "../regions";
import type { ResourceGroup } from "./resourceGroupStore";

/** A resource group as GET, PUT and the lists return it. */
const resourceGroupBody = (group: ResourceGroup, { subscriptionId }: ArmDependencies): JsonObject => ({
  id: `/subscriptions/${subscriptionId}/resourceGroups/${group.name}`,
  name: group.name,
  type: "Microsoft.Resources/resourceGroups",
  location: group.location,
  tags: group.tags,
  managedBy: group.managedBy,
  properties: { provisioningState: group.goneAt === undefined ? "Succeeded" : "Deleting" },
});

/** PUT of a resource group. Its location cannot change. */
function createOrUpdateGroup(request: Request, deps: ArmDependencies): Response {
  const name = request.params[GROUP] ?? "";
  const error = nameError("resourceGroup", name);
  if (error) throw frontError(400, "InvalidResourceGroupName", `${error}.`);
  const body = readBody(request, "resourceGroup.createOrUpdate");
  const location = readLocation(body.location, "group");
  const before = deps.groups.named(name);
  if (before) checkGroupStays(before);
  if (before && before.location !== location) {
    const message = `Invalid resource group location '${location}'. The Resource group already exists in location '${before.location}'.`;
    throw frontError(409, "InvalidResourceGroupLocation", message);
  }
  const group: ResourceGroup = {
    name: before?.name ?? name,
    location,
    tags: tagsOf(body),
    managedBy: (body.managedBy ?? undefined) as string | undefined,
  };
  deps.groups.put(group);
  return { status: before ? 200 : 201, body: resourceGroupBody(group, deps) };
}

const getGroup = (request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: resourceGroupBody(existingGroup(request, deps), deps),
});

/** HEAD of a resource group: 204 when it exists, 404 when it does not. */
const checkExistence = (request: Request, { groups }: ArmDependencies): Response => ({
  status: groups.named(request.params[GROUP] ?? "") ? 204 : 404,
});

/** Reads `tagName eq 'N'`, alone or with `and tagValue eq 'V'`: what az sends. Names of tags are case-insensitive. */
function readTagFilter(request: Request): (group: ResourceGroup) => boolean {
  const filter = request.query.get("$filter") ?? "";
  if (filter === "") return () => true;
  const [, name, value] = /^tagName\s+eq\s+'([^']*)'(?:\s+and\s+tagValue\s+eq\s+'([^']*)')?$/i.exec(filter) ?? [];
  if (name === undefined) throw notEmulated(`the filter ${filter} on resource groups`);
  return ({ tags = {} }) =>
    Object.entries(tags).some(
      ([key, text]) => key.toLowerCase() === name.toLowerCase() && (value === undefined || text === value),
    );
}

const listGroups = (request: Request, deps: ArmDependencies): Response =>
  listResponse(
    request,
    deps.groups
      .list()
      .filter(readTagFilter(request))
      .map((group) => resourceGroupBody(group, deps)),
  );

/** PATCH of a resource group: its tags. */
function updateGroup(request: Request, deps: ArmDependencies): Response {
  const group = existingGroup(request, deps);
  const changed = { ...group, tags: tagsOf(readBody(request, "resourceGroup.update")) ?? group.tags };
  deps.groups.put(changed);
  return { status: 200, body: resourceGroupBody(changed, deps) };
}

/** DELETE of a resource group with everything in it: a long-running operation. */
function deleteGroup(request: Request, deps: ArmDependencies): Response {
  const group = existingGroup(request, deps);
  checkGroupDeletable(group.name, deps);
  const goneAt = group.goneAt ?? deps.longRunning.completionTime();
  if (goneAt <= deps.clock.now().getTime()) removeGroup(group.name, deps);
  else deps.groups.put({ ...group, goneAt });
  const path = `/subscriptions/${deps.subscriptionId}/operationresults`;
  const { result } = deps.longRunning.start(request, path, goneAt);
  return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() } };
}

/** Resource groups (Azure REST API "Resource Groups"). */
export const resourceGroupOperations = (deps: ArmDependencies): Operation[] =>
  armOperations(deps, [
    ["ResourceGroups_CreateOrUpdate", "PUT", RESOURCE_GROUP_PATH, createOrUpdateGroup],
    ["ResourceGroups_Get", "GET", RESOURCE_GROUP_PATH, getGroup],
    ["ResourceGroups_CheckExistence", "HEAD", RESOURCE_GROUP_PATH, checkExistence],
    ["ResourceGroups_Update", "PATCH", RESOURCE_GROUP_PATH, updateGroup],
    ["ResourceGroups_Delete", "DELETE", RESOURCE_GROUP_PATH, deleteGroup],
    ["ResourceGroups_List", "GET", `${SUBSCRIPTION_PATH}/resourceGroups`, listGroups],
  ]);
