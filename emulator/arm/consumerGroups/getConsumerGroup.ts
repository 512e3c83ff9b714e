import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { CONSUMER_GROUP_PATH, consumerGroupResponse, hubOfRequest } from "./consumerGroup";

/** GET of a consumer group. */
export const getConsumerGroup = (deps: ArmDependencies): Operation => ({
  name: "IotHubResource_GetEventHubConsumerGroup",
  method: "GET",
  path: CONSUMER_GROUP_PATH,
  handle: (request) => consumerGroupResponse(hubOfRequest(request, deps), request.params.name ?? "", deps),
});
