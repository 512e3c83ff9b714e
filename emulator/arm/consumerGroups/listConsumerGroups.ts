import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { CONSUMER_GROUPS_PATH, consumerGroupBody, defaultConsumerGroup, hubOfRequest } from "./consumerGroup";

/** All consumer groups of a hub, the default one first. */
export const listConsumerGroups = (deps: ArmDependencies): Operation => ({
  name: "IotHubResource_ListEventHubConsumerGroups",
  method: "GET",
  path: CONSUMER_GROUPS_PATH,
  handle(request) {
    const hub = hubOfRequest(request, deps);
    const groups = [defaultConsumerGroup(hub), ...deps.consumerGroups.list(hub.key)];
    return { status: 200, body: { value: groups.map((group) => consumerGroupBody(hub, group, deps)) } };
  },
});
