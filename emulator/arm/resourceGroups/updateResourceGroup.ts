import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { RESOURCE_GROUP_PATH } from "../armPaths";
import { existingGroup } from "../existingResource";
import { objectBody, tagsOf } from "../requestBody";
import { resourceGroupBody } from "./resourceGroupBody";

/** PATCH of a resource group: its tags. */
export const updateResourceGroup = (deps: ArmDependencies): Operation => ({
  name: "ResourceGroups_Update",
  method: "PATCH",
  path: RESOURCE_GROUP_PATH,
  handle(request) {
    const group = existingGroup(request, deps);
    const changed = { ...group, tags: tagsOf(objectBody(request)) ?? group.tags };
    deps.groups.put(changed);
    return { status: 200, body: resourceGroupBody(changed, deps) };
  },
});
