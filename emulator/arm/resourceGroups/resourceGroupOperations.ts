import { nameFault } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { existingGroup, GROUP } from "../existingResource";
import { readLocation } from "../regions";
import { type JsonObject, objectBody, tagsOf } from "../requestBody";
import { removeGroup } from "../resources/removal";
import type { Group } from "./resourceGroupStore";

const groupBody = (group: Group, { subscriptionId }: ArmDependencies): JsonObject => ({
  id: `/subscriptions/${subscriptionId}/resourceGroups/${group.name}`,
  name: group.name,
  type: "Microsoft.Resources/resourceGroups",
  location: group.location,
  ...(group.tags ? { tags: group.tags } : {}),
  ...(group.managedBy ? { managedBy: group.managedBy } : {}),
  properties: { provisioningState: group.goneAt === undefined ? "Succeeded" : "Deleting" },
});

function put(request: Request, deps: ArmDependencies): Response {
  const name = request.params[GROUP] ?? "";
  const fault = nameFault("resourceGroup", name);
  if (fault) throw frontError(400, "InvalidResourceGroupName", `${fault}.`);
  const body = objectBody(request);
  const location = readLocation(body.location, "group");
  const before = deps.groups.named(name);
  if (before?.goneAt !== undefined) {
    const message = `The resource group '${before.name}' is in deprovisioning state and cannot perform this operation.`;
    throw frontError(409, "ResourceGroupBeingDeleted", message);
  }
  if (before && before.location !== location) {
    const message = `Invalid resource group location '${location}'. The Resource group already exists in location '${before.location}'.`;
    throw frontError(409, "InvalidResourceGroupLocation", message);
  }
  const tags = tagsOf(body);
  const group: Group = {
    name: before?.name ?? name,
    location,
    ...(tags ? { tags } : {}),
    ...(typeof body.managedBy === "string" ? { managedBy: body.managedBy } : {}),
  };
  deps.groups.put(group);
  return { status: before ? 200 : 201, body: groupBody(group, deps) };
}

function patch(request: Request, deps: ArmDependencies): Response {
  const group = existingGroup(request, deps);
  const tags = tagsOf(objectBody(request)) ?? group.tags;
  const changed: Group = { ...group, ...(tags ? { tags } : {}) };
  deps.groups.put(changed);
  return { status: 200, body: groupBody(changed, deps) };
}

function remove(request: Request, deps: ArmDependencies): Response {
  const group = existingGroup(request, deps);
  const goneAt = group.goneAt ?? deps.longRunning.endOfOneStartedNow();
  const { result } = deps.database.transaction(() => {
    if (goneAt <= deps.clock.now().getTime()) removeGroup(group.name, deps);
    else deps.groups.put({ ...group, goneAt });
    return deps.longRunning.start(request, `/subscriptions/${deps.subscriptionId}/operationresults`, goneAt);
  });
  deps.directory.changed();
  return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() } };
}

/** Resource groups (Azure REST API "Resource Groups"). */
export function groupOperations(subscription: string, deps: ArmDependencies): Operation[] {
  const path = `${subscription}/resourceGroups/:${GROUP}`;
  const operation = (name: string, method: Operation["method"], handle: (request: Request) => Response): Operation => ({
    name: `ResourceGroups_${name}`,
    method,
    path,
    handle,
  });
  return [
    operation("CreateOrUpdate", "PUT", (request) => put(request, deps)),
    operation("Get", "GET", (request) => ({ status: 200, body: groupBody(existingGroup(request, deps), deps) })),
    operation("CheckExistence", "HEAD", (request) => ({
      status: deps.groups.named(request.params[GROUP] ?? "") ? 204 : 404,
    })),
    operation("Update", "PATCH", (request) => patch(request, deps)),
    operation("Delete", "DELETE", (request) => remove(request, deps)),
    {
      name: "ResourceGroups_List",
      method: "GET",
      path: `${subscription}/resourceGroups`,
      handle: () => ({ status: 200, body: { value: deps.groups.list().map((group) => groupBody(group, deps)) } }),
    },
  ];
}
