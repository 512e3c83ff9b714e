import type { Row } from "../../kernel/database";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { idOf } from "../deviceServices/deviceServiceBody";
import { HUB_TYPE } from "../deviceServices/iotHub";
import { existingResource } from "../existingResource";
import { newEtag } from "../newEtag";
import type { Resource } from "../resources/resourceStore";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_consumer_groups (
  hub TEXT NOT NULL REFERENCES arm_resources (key) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  etag TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (hub, name)
);
`;
const EVENTS = "eventHubEndpoints/events/ConsumerGroups";
/** The one that every hub has. */
const DEFAULT = "$Default";

function body(hub: Resource, row: Row, { subscriptionId }: ArmDependencies) {
  const name = String(row.name);
  return {
    id: `${idOf(hub, subscriptionId)}/${EVENTS}/${name}`,
    name,
    type: "Microsoft.Devices/IotHubs/EventHubEndpoints/ConsumerGroups",
    etag: String(row.etag),
    properties: { name, created: new Date(Number(row.created)).toUTCString() },
  };
}

/** Consumer groups of a hub's built-in events endpoint. `base` is a hub's path. */
export function consumerGroupOperations(base: string, deps: ArmDependencies): Operation[] {
  const { database, clock } = deps;
  database.define(SCHEMA);
  const path = `${base}/eventHubEndpoints/:eventHubEndpointName/ConsumerGroups`;
  const hubOf = (request: Request): Resource => {
    const endpoint = request.params.eventHubEndpointName ?? "";
    if (endpoint.toLowerCase() === "events") return existingResource(request, HUB_TYPE, deps);
    throw frontError(
      404,
      "ResourceNotFound",
      `The hub has no Event Hub-compatible endpoint '${endpoint}', only 'events'.`,
    );
  };
  const builtIn = (hub: Resource): Row => ({ name: DEFAULT, etag: hub.etag, created: hub.createdAt });
  const find = (hub: Resource, name: string): Row | undefined =>
    name.toLowerCase() === DEFAULT.toLowerCase()
      ? builtIn(hub)
      : database.get("SELECT * FROM arm_consumer_groups WHERE hub = ? AND name = ?", hub.key, name);
  const get = (request: Request): Response => {
    const hub = hubOf(request);
    const name = request.params.name ?? "";
    const row = find(hub, name);
    if (row) return { status: 200, body: body(hub, row, deps) };
    throw frontError(404, "ResourceNotFound", `The consumer group '${name}' was not found.`);
  };
  return [
    {
      name: "IotHubResource_ListEventHubConsumerGroups",
      method: "GET",
      path,
      handle(request) {
        const hub = hubOf(request);
        const rows = database.all("SELECT * FROM arm_consumer_groups WHERE hub = ? ORDER BY name", hub.key);
        return { status: 200, body: { value: [builtIn(hub), ...rows].map((row) => body(hub, row, deps)) } };
      },
    },
    { name: "IotHubResource_GetEventHubConsumerGroup", method: "GET", path: `${path}/:name`, handle: get },
    {
      name: "IotHubResource_CreateEventHubConsumerGroup",
      method: "PUT",
      path: `${path}/:name`,
      handle(request) {
        const hub = hubOf(request);
        const name = request.params.name ?? "";
        if (!/^[A-Za-z0-9._-]{1,50}$/.test(name)) {
          throw frontError(
            400,
            "BadRequest",
            `'${name}' is no name of a consumer group: 1 to 50 letters, digits and . _ -`,
          );
        }
        database.run(
          "INSERT OR IGNORE INTO arm_consumer_groups (hub, name, etag, created) VALUES (?, ?, ?, ?)",
          hub.key,
          name,
          newEtag(deps),
          clock.now().getTime(),
        );
        return get(request);
      },
    },
    {
      name: "IotHubResource_DeleteEventHubConsumerGroup",
      method: "DELETE",
      path: `${path}/:name`,
      handle(request) {
        const hub = hubOf(request);
        const name = request.params.name ?? "";
        if (name.toLowerCase() === DEFAULT.toLowerCase()) {
          throw frontError(400, "BadRequest", `The consumer group '${DEFAULT}' cannot be deleted.`);
        }
        const touched = database.run("DELETE FROM arm_consumer_groups WHERE hub = ? AND name = ?", hub.key, name);
        return { status: touched > 0 ? 200 : 204 };
      },
    },
  ];
}
