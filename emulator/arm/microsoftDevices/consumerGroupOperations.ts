import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, frontError } from "../armErrors";
import { armOperations } from "../armOperations";
import { existingResource, readDevicesBody } from "../armRequest";
import { armIdOf, newEtag, type Resource } from "../microsoftResources/resourceStore";
import { type ConsumerGroup, DEFAULT_CONSUMER_GROUP as DEFAULT } from "./consumerGroupStore";
import { deviceServicePath } from "./deviceServiceKind";
import { HUB, HUB_TYPE } from "./iotHub";

/** The most consumer groups of a hub, the default one included (Azure documentation, "Read from the built-in endpoint"). */
const LIMIT = 20;

const isDefault = (name: string): boolean => name.toLowerCase() === DEFAULT.toLowerCase();

const defaultGroup = (hub: Resource): ConsumerGroup => ({ name: DEFAULT, etag: hub.etag, created: hub.createdAt });

/** The hub and the consumer group's name of a request; throws 404 for an endpoint other than `events`. */
function targetOf(request: Request, deps: ArmDependencies): { readonly hub: Resource; readonly name: string } {
  const { eventHubEndpointName: endpoint = "", name = "" } = request.params;
  if (endpoint.toLowerCase() === "events") return { hub: existingResource(request, HUB_TYPE, deps), name };
  const message = `The hub has no Event Hub-compatible endpoint '${endpoint}', only 'events'.`;
  throw frontError(404, "ResourceNotFound", message);
}

/** A consumer group as ARM returns it. */
const consumerGroupBody = (hub: Resource, { name, created }: ConsumerGroup, deps: ArmDependencies) => ({
  id: `${armIdOf(hub, deps.subscriptionId)}/eventHubEndpoints/events/ConsumerGroups/${encodeURIComponent(name)}`,
  name,
  type: "Microsoft.Devices/IotHubs/EventHubEndpoints/ConsumerGroups",
  etag: null,
  properties: { created: new Date(created).toUTCString() },
});

/** All consumer groups of a hub, the default one first. */
function listConsumerGroups(request: Request, deps: ArmDependencies): Response {
  const { hub } = targetOf(request, deps);
  const groups = [defaultGroup(hub), ...deps.consumerGroups.list(hub.key)];
  return { status: 200, body: { value: groups.map((group) => consumerGroupBody(hub, group, deps)) } };
}

/** GET of a consumer group; throws 404 when the hub has none of this name. */
function getConsumerGroup(request: Request, deps: ArmDependencies): Response {
  const { hub, name } = targetOf(request, deps);
  const group = isDefault(name) ? defaultGroup(hub) : deps.consumerGroups.named(hub.key, name);
  if (group) return { status: 200, body: consumerGroupBody(hub, group, deps) };
  throw frontError(404, "ResourceNotFound", `The consumer group '${name}' was not found.`);
}

/** PUT of a consumer group. Does not change an existing one. */
function createConsumerGroup(request: Request, deps: ArmDependencies): Response {
  const { hub, name } = targetOf(request, deps);
  if (!/^[A-Za-z0-9._-]{1,50}$/.test(name)) {
    const message = `'${name}' is no name of a consumer group: 1 to 50 letters, digits and . _ -`;
    throw frontError(400, "BadRequest", message);
  }
  // API versions before 2020 have no body.
  if (request.body !== undefined) readDevicesBody(request, "iotHub.createConsumerGroup", deps);
  if (!isDefault(name) && !deps.consumerGroups.named(hub.key, name)) {
    const count = deps.consumerGroups.list(hub.key).length + 1;
    if (count >= LIMIT)
      throw devicesError("quotaExceeded", `The hub has ${count} consumer groups, the most it may have.`, deps);
  }
  deps.consumerGroups.add(hub.key, { name, etag: newEtag(deps), created: deps.clock.now().getTime() });
  return getConsumerGroup(request, deps);
}

/** DELETE of a consumer group. The default one stays. */
function deleteConsumerGroup(request: Request, deps: ArmDependencies): Response {
  const { hub, name } = targetOf(request, deps);
  if (isDefault(name)) throw frontError(400, "BadRequest", "The consumer group '$Default' cannot be deleted.");
  return { status: deps.consumerGroups.remove(hub.key, name) ? 200 : 204 };
}

/** Consumer groups of a hub's built-in events endpoint (Azure REST API "Iot Hub Resource"). */
export function consumerGroupOperations(deps: ArmDependencies): Operation[] {
  const all = `${deviceServicePath(HUB)}/eventHubEndpoints/:eventHubEndpointName/ConsumerGroups`;
  const path = `${all}/:name`;
  return armOperations(deps, [
    ["IotHubResource_ListEventHubConsumerGroups", "GET", all, listConsumerGroups],
    ["IotHubResource_GetEventHubConsumerGroup", "GET", path, getConsumerGroup],
    ["IotHubResource_CreateEventHubConsumerGroup", "PUT", path, createConsumerGroup],
    ["IotHubResource_DeleteEventHubConsumerGroup", "DELETE", path, deleteConsumerGroup],
  ]);
}
