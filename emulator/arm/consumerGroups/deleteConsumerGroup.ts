import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { CONSUMER_GROUP_PATH, hubOfRequest, isDefault } from "./consumerGroup";

/** DELETE of a consumer group. The default one stays. */
export const deleteConsumerGroup = (deps: ArmDependencies): Operation => ({
  name: "IotHubResource_DeleteEventHubConsumerGroup",
  method: "DELETE",
  path: CONSUMER_GROUP_PATH,
  handle(request) {
    const hub = hubOfRequest(request, deps);
    const name = request.params.name ?? "";
    if (isDefault(name)) throw frontError(400, "BadRequest", "The consumer group '$Default' cannot be deleted.");
    return { status: deps.consumerGroups.remove(hub.key, name) ? 200 : 204 };
  },
});
