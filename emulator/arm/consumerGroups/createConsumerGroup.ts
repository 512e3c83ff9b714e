import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { newEtag } from "../newEtag";
import { CONSUMER_GROUP_PATH, consumerGroupResponse, hubOfRequest } from "./consumerGroup";

/** PUT of a consumer group. Does not change an existing one. */
export const createConsumerGroup = (deps: ArmDependencies): Operation => ({
  name: "IotHubResource_CreateEventHubConsumerGroup",
  method: "PUT",
  path: CONSUMER_GROUP_PATH,
  handle(request) {
    const hub = hubOfRequest(request, deps);
    const name = request.params.name ?? "";
    if (!/^[A-Za-z0-9._-]{1,50}$/.test(name)) {
      const message = `'${name}' is no name of a consumer group: 1 to 50 letters, digits and . _ -`;
      throw frontError(400, "BadRequest", message);
    }
    deps.consumerGroups.add(hub.key, { name, etag: newEtag(deps), created: deps.clock.now().getTime() });
    return consumerGroupResponse(hub, name, deps);
  },
});
