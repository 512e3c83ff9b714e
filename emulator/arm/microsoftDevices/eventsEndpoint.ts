import { eventHubsHost } from "../../../azure/hosts";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { DAY_MS } from "../../../certs/clock";
import type { EventsEndpoint } from "../../kernel/directory";
import { objectAt } from "../armRequest";
import type { Resource } from "../microsoftResources/resourceStore";

/** The default number of partitions of the built-in events endpoint. */
const PARTITIONS = 4;
/** Azure cuts the path of the Event Hub-compatible endpoint here (recorded). */
const PATH_LIMIT = 25;

const settingsOf = (properties: JsonObject): JsonObject =>
  objectAt(objectAt(properties, "eventHubEndpoints"), "events");

/** How many partitions the built-in events endpoint of stored properties has. */
export function partitionCountOf(properties: JsonObject): number {
  const { partitionCount } = settingsOf(properties);
  return typeof partitionCount === "number" ? partitionCount : PARTITIONS;
}

/** The address of a hub's built-in events endpoint, and how long it keeps events. */
export function eventsEndpointOf({
  name,
  key,
  properties,
}: Pick<Resource, "name" | "key" | "properties">): EventsEndpoint {
  const lower = name.toLowerCase();
  const { retentionTimeInDays } = settingsOf(properties);
  return {
    host: eventHubsHost(`iothub-ns-${lower.slice(0, 10)}-${key.slice(0, 8).toLowerCase()}`),
    path: lower.slice(0, PATH_LIMIT),
    retentionMs: (typeof retentionTimeInDays === "number" ? retentionTimeInDays : 1) * DAY_MS,
  };
}

/** The built-in events endpoint as ARM returns it; without its address until the hub is settled. */
export function eventsEndpointBody(resource: Resource, settled: boolean): JsonObject {
  const { host, path, retentionMs } = eventsEndpointOf(resource);
  const partitionCount = partitionCountOf(resource.properties);
  const settings = { retentionTimeInDays: retentionMs / DAY_MS, partitionCount };
  if (!settled) return settings;
  return {
    ...settings,
    partitionIds: Array.from({ length: partitionCount }, (_, index) => String(index)),
    path,
    endpoint: `sb://${host}/`,
  };
}
