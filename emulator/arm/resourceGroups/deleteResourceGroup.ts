import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { RESOURCE_GROUP_PATH } from "../armPaths";
import { existingGroup } from "../existingResource";
import { removeGroup } from "../resources/removal";

/** DELETE of a resource group with everything in it: a long-running operation. */
export const deleteResourceGroup = (deps: ArmDependencies): Operation => ({
  name: "ResourceGroups_Delete",
  method: "DELETE",
  path: RESOURCE_GROUP_PATH,
  handle(request) {
    const group = existingGroup(request, deps);
    const goneAt = group.goneAt ?? deps.longRunning.completionTime();
    const { result } = deps.commit(() => {
      if (goneAt <= deps.clock.now().getTime()) removeGroup(group.name, deps);
      else deps.groups.put({ ...group, goneAt });
      return deps.longRunning.start(request, `/subscriptions/${deps.subscriptionId}/operationresults`, goneAt);
    });
    return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() } };
  },
});
