import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { GROUP, RESOURCE_GROUP_PATH } from "../armPaths";
import { existingGroup } from "../existingResource";
import { resourceGroupBody } from "./resourceGroupBody";

/** GET of a resource group. */
export const getResourceGroup = (deps: ArmDependencies): Operation => ({
  name: "ResourceGroups_Get",
  method: "GET",
  path: RESOURCE_GROUP_PATH,
  handle: (request) => ({ status: 200, body: resourceGroupBody(existingGroup(request, deps), deps) }),
});

/** HEAD of a resource group: 204 when it exists, 404 when it does not. */
export const checkResourceGroup = (deps: ArmDependencies): Operation => ({
  name: "ResourceGroups_CheckExistence",
  method: "HEAD",
  path: RESOURCE_GROUP_PATH,
  handle: (request) => ({ status: deps.groups.named(request.params[GROUP] ?? "") ? 204 : 404 }),
});
