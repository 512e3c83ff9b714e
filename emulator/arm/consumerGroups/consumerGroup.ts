import type { Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { deviceServicePath } from "../deviceServices/deviceServiceKind";
import { HUB, HUB_TYPE } from "../deviceServices/iotHub";
import { existingResource } from "../existingResource";
import { armIdOf } from "../resources/armId";
import type { Resource } from "../resources/resourceStore";
import type { ConsumerGroup } from "./consumerGroupStore";

/** The path of a hub's consumer groups. */
export const CONSUMER_GROUPS_PATH = `${deviceServicePath(HUB)}/eventHubEndpoints/:eventHubEndpointName/ConsumerGroups`;
/** The path of one of them. */
export const CONSUMER_GROUP_PATH = `${CONSUMER_GROUPS_PATH}/:name`;

/** The consumer group that every hub has. */
const DEFAULT = "$Default";

export const isDefault = (name: string): boolean => name.toLowerCase() === DEFAULT.toLowerCase();

export const defaultConsumerGroup = (hub: Resource): ConsumerGroup => ({
  name: DEFAULT,
  etag: hub.etag,
  created: hub.createdAt,
});

/** The hub of a request; throws 404 for an endpoint other than `events`. */
export function hubOfRequest(request: Request, deps: ArmDependencies): Resource {
  const endpoint = request.params.eventHubEndpointName ?? "";
  if (endpoint.toLowerCase() === "events") return existingResource(request, HUB_TYPE, deps);
  const message = `The hub has no Event Hub-compatible endpoint '${endpoint}', only 'events'.`;
  throw frontError(404, "ResourceNotFound", message);
}

/** A consumer group as ARM returns it. */
export const consumerGroupBody = (
  hub: Resource,
  { name, etag, created }: ConsumerGroup,
  { subscriptionId }: ArmDependencies,
) => ({
  id: `${armIdOf(hub, subscriptionId)}/eventHubEndpoints/events/ConsumerGroups/${name}`,
  name,
  type: "Microsoft.Devices/IotHubs/EventHubEndpoints/ConsumerGroups",
  etag,
  properties: { name, created: new Date(created).toUTCString() },
});

/** 200 with a consumer group; throws 404 when the hub has none of this name. */
export function consumerGroupResponse(hub: Resource, name: string, deps: ArmDependencies): Response {
  const group = isDefault(name) ? defaultConsumerGroup(hub) : deps.consumerGroups.named(hub.key, name);
  if (group) return { status: 200, body: consumerGroupBody(hub, group, deps) };
  throw frontError(404, "ResourceNotFound", `The consumer group '${name}' was not found.`);
}
