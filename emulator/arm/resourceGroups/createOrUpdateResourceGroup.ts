import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { GROUP, RESOURCE_GROUP_PATH } from "../armPaths";
import { readLocation } from "../regions";
import { objectBody, tagsOf } from "../requestBody";
import { resourceGroupBody } from "./resourceGroupBody";
import type { ResourceGroup } from "./resourceGroupStore";

function put(request: Request, deps: ArmDependencies): Response {
  const name = request.params[GROUP] ?? "";
  const error = nameError("resourceGroup", name);
  if (error) throw frontError(400, "InvalidResourceGroupName", `${error}.`);
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
  const group: ResourceGroup = {
    name: before?.name ?? name,
    location,
    tags: tagsOf(body),
    managedBy: typeof body.managedBy === "string" ? body.managedBy : undefined,
  };
  deps.groups.put(group);
  return { status: before ? 200 : 201, body: resourceGroupBody(group, deps) };
}

/** PUT of a resource group. Its location cannot change. */
export const createOrUpdateResourceGroup = (deps: ArmDependencies): Operation => ({
  name: "ResourceGroups_CreateOrUpdate",
  method: "PUT",
  path: RESOURCE_GROUP_PATH,
  handle: (request) => put(request, deps),
});
