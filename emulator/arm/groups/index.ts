import { nameFault } from "../../../azure/names";
import type { Answer, Call, Operation } from "../../kernel/call";
import { frontError } from "../errors";
import { existingGroup, GROUP } from "../existing";
import type { Group } from "../groupTable";
import { readLocation } from "../locations";
import type { ArmParts } from "../parts";
import { removeGroup } from "../removal";
import { type JsonObject, objectBody, tagsOf } from "../requestBody";

const groupBody = (group: Group, { subscriptionId }: ArmParts): JsonObject => ({
  id: `/subscriptions/${subscriptionId}/resourceGroups/${group.name}`,
  name: group.name,
  type: "Microsoft.Resources/resourceGroups",
  location: group.location,
  ...(group.tags ? { tags: group.tags } : {}),
  ...(group.managedBy ? { managedBy: group.managedBy } : {}),
  properties: { provisioningState: group.goneAt === undefined ? "Succeeded" : "Deleting" },
});

function put(call: Call, parts: ArmParts): Answer {
  const name = call.params[GROUP] ?? "";
  const fault = nameFault("resourceGroup", name);
  if (fault) throw frontError(400, "InvalidResourceGroupName", `${fault}.`);
  const body = objectBody(call);
  const location = readLocation(body.location, "group");
  const before = parts.groups.named(name);
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
  parts.groups.put(group);
  return { status: before ? 200 : 201, body: groupBody(group, parts) };
}

function patch(call: Call, parts: ArmParts): Answer {
  const group = existingGroup(call, parts);
  const tags = tagsOf(objectBody(call)) ?? group.tags;
  const changed: Group = { ...group, ...(tags ? { tags } : {}) };
  parts.groups.put(changed);
  return { status: 200, body: groupBody(changed, parts) };
}

function remove(call: Call, parts: ArmParts): Answer {
  const group = existingGroup(call, parts);
  const goneAt = group.goneAt ?? parts.longRunning.endOfOneStartedNow();
  const { result } = parts.store.transaction(() => {
    if (goneAt <= parts.clock.now().getTime()) removeGroup(group.name, parts);
    else parts.groups.put({ ...group, goneAt });
    return parts.longRunning.start(call, `/subscriptions/${parts.subscriptionId}/operationresults`, goneAt);
  });
  parts.directory.changed();
  return { status: 202, headers: { location: result, ...parts.longRunning.retryAfter() } };
}

/** Resource groups (Azure REST API "Resource Groups"). */
export function groupOperations(subscription: string, parts: ArmParts): Operation[] {
  const path = `${subscription}/resourceGroups/:${GROUP}`;
  const operation = (name: string, method: Operation["method"], handle: (call: Call) => Answer): Operation => ({
    name: `ResourceGroups_${name}`,
    method,
    path,
    handle,
  });
  return [
    operation("CreateOrUpdate", "PUT", (call) => put(call, parts)),
    operation("Get", "GET", (call) => ({ status: 200, body: groupBody(existingGroup(call, parts), parts) })),
    operation("CheckExistence", "HEAD", (call) => ({
      status: parts.groups.named(call.params[GROUP] ?? "") ? 204 : 404,
    })),
    operation("Update", "PATCH", (call) => patch(call, parts)),
    operation("Delete", "DELETE", (call) => remove(call, parts)),
    {
      name: "ResourceGroups_List",
      method: "GET",
      path: `${subscription}/resourceGroups`,
      handle: () => ({ status: 200, body: { value: parts.groups.list().map((group) => groupBody(group, parts)) } }),
    },
  ];
}
