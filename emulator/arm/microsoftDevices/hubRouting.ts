import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { HubRoute, HubRouting } from "../../kernel/directory";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { objectAt } from "../armRequest";

/** The built-in endpoint, which every hub has. */
const BUILT_IN = "events";

/** The lists of a hub's own endpoints. */
const ENDPOINTS = ["serviceBusQueues", "serviceBusTopics", "eventHubs", "storageContainers", "cosmosDBSqlContainers"];

/** The routing of a new hub (recorded from the service). */
export const DEFAULT_ROUTING: JsonObject = Object.freeze({
  endpoints: Object.fromEntries(ENDPOINTS.map((name) => [name, []])),
  routes: [],
  fallbackRoute: {
    name: "$fallback",
    source: "DeviceMessages",
    condition: "true",
    endpointNames: [BUILT_IN],
    isEnabled: true,
  },
});

const objectsIn = (list: unknown): readonly JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : []);

function idOf(endpoint: JsonObject, before: readonly JsonObject[], deps: ArmDependencies): unknown {
  return endpoint.id ?? before.find(({ name }) => name === endpoint.name)?.id ?? deps.ids.guid();
}

/** Throws 400131 for a route or an enrichment to an endpoint that is not defined (recorded for enrichments). */
function checkEndpoints(requested: JsonObject, names: ReadonlySet<string>, deps: ArmDependencies): void {
  const users = [...objectsIn(requested.routes), ...objectsIn(requested.enrichments)];
  for (const { endpointNames, name, key } of [...users, objectAt(requested, "fallbackRoute")]) {
    const unknown = (Array.isArray(endpointNames) ? endpointNames : []).find((each) => !names.has(String(each)));
    if (unknown === undefined) continue;
    const message = `The endpoint '${String(unknown)}' of '${String(name ?? key)}' is not defined in 'routing.endpoints'.`;
    throw devicesError("endpointNotDefined", message, deps);
  }
}

/** Reads `routing` of a PUT: its missing parts get their defaults, and its endpoints IDs. Throws 400131. */
export function readRouting(requested: JsonObject, before: JsonObject, deps: ArmDependencies): JsonObject {
  const given = objectAt(requested, "endpoints");
  const known = objectAt(before, "endpoints");
  const lists = Object.entries(given).filter(([, list]) => Array.isArray(list));
  const names = lists.flatMap(([, list]) => objectsIn(list).map(({ name }) => String(name)));
  // A hub's file upload storage is no endpoint of routes; `$default` is what enrichments call the built-in endpoint.
  checkEndpoints(requested, new Set([BUILT_IN, "$default", ...names]), deps);
  const endpoints = lists.map(([kind, list]) => [
    kind,
    (list as unknown[]).map((each) =>
      isObject(each) ? { ...each, id: idOf(each, objectsIn(known[kind]), deps) } : each,
    ),
  ]);
  const parts = Object.fromEntries(Object.entries(requested).filter(([, value]) => (value ?? undefined) !== undefined));
  return {
    ...DEFAULT_ROUTING,
    ...parts,
    endpoints: { ...(DEFAULT_ROUTING.endpoints as JsonObject), ...Object.fromEntries(endpoints) },
  };
}

const textsIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((each): each is string => typeof each === "string") : [];

const routeOf = ({ source, condition, endpointNames, isEnabled }: JsonObject): HubRoute => ({
  source: String(source),
  condition: typeof condition === "string" ? condition : "true",
  endpointNames: textsIn(endpointNames),
  isEnabled: isEnabled === true,
});

/** Reads the routing of stored properties for the data plane. */
export function routingOf(properties: JsonObject): HubRouting {
  const { routes, enrichments, fallbackRoute } = { ...DEFAULT_ROUTING, ...objectAt(properties, "routing") };
  return {
    routes: objectsIn(routes).map(routeOf),
    fallback: routeOf(isObject(fallbackRoute) ? fallbackRoute : { isEnabled: false }),
    enrichments: objectsIn(enrichments).map(({ key, value, endpointNames }) => ({
      key: String(key),
      value: String(value),
      endpointNames: textsIn(endpointNames),
    })),
  };
}
