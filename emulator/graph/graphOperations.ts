import { GRAPH_HOST } from "../../azure/hosts";
import { isGuid } from "../kernel/ids";
import type { Operation, Request, Response } from "../kernel/operation";
import { type Collection, directoryCollections } from "./directoryCollection";
import type { GraphDependencies } from "./graphDependencies";
import { graphError, notEmulated } from "./graphErrors";
import { type Condition, meets, parseFilter } from "./odataFilter";

/** The most IDs of one request of getByIds. */
const ID_LIMIT = 1000;

const HEADERS = { "content-type": "application/json;odata.metadata=minimal;charset=utf-8", "odata-version": "4.0" };

/** 200 with a body; `context` is its type, below `$metadata#`. */
function graphResponse(context: string, body: Readonly<Record<string, unknown>>): Response {
  const head = { "@odata.context": `https://${GRAPH_HOST}/v1.0/$metadata#${context}` };
  return { status: 200, headers: HEADERS, body: { ...head, ...body } };
}

/** Throws 501 for query options that change the response and are not supported. */
function refuseOptions(request: Request, deps: GraphDependencies, supported: readonly string[] = []): void {
  const others = [...request.query.keys()].filter((name) => name.startsWith("$") && !supported.includes(name));
  if (others.length > 0) throw notEmulated(request, deps, `the option ${others.join(", ")}`);
}

function conditionsOf(request: Request, { filters }: Collection, deps: GraphDependencies): readonly Condition[] {
  const text = request.query.get("$filter");
  if (text === undefined) return [];
  const conditions = parseFilter(text);
  if (conditions?.every(({ kind, property }) => filters[kind]?.includes(property))) return conditions;
  throw notEmulated(request, deps, `the filter ${text}`);
}

/** The objects of a collection: with `$filter` in the forms that az sends, and no other options. */
function list(request: Request, collection: Collection, deps: GraphDependencies): Response {
  refuseOptions(request, deps, ["$filter"]);
  const conditions = conditionsOf(request, collection, deps);
  const value = collection.objects().filter((each) => meets(each, conditions));
  return graphResponse(collection.name, { value });
}

function get(request: Request, { name, objects, hasOtherNames }: Collection, deps: GraphDependencies): Response {
  refuseOptions(request, deps);
  const { id = "" } = request.params;
  if (!hasOtherNames && !isGuid(id)) {
    throw graphError(request, deps, 400, "Request_BadRequest", `Invalid object identifier '${id}'.`);
  }
  const object = objects().find((each) => each.id === id.toLowerCase());
  if (object) return graphResponse(`${name}/$entity`, object);
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  throw graphError(request, deps, 404, "Request_ResourceNotFound", message);
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** "directoryObject: getByIds": objects of any of the requested types. Leaves out IDs that no object has. */
function getByIds(request: Request, collections: readonly Collection[], deps: GraphDependencies): Response {
  refuseOptions(request, deps);
  const refuse = (message: string) => graphError(request, deps, 400, "Request_BadRequest", message);
  const { ids, types = ["directoryObject"] } = (request.body ?? {}) as { ids?: unknown; types?: unknown };
  if (!isTexts(ids) || ids.length === 0) throw refuse("The parameter 'ids' must be a list of at least one ID.");
  if (ids.length > ID_LIMIT) throw refuse(`The parameter 'ids' may have ${ID_LIMIT} IDs, and has ${ids.length}.`);
  if (!isTexts(types)) throw refuse("The parameter 'types' must be a list of names.");
  if (!ids.every(isGuid)) throw refuse("Invalid GUID specified.");
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  const value = collections
    .filter(({ type }) => types.includes(type) || types.includes("directoryObject"))
    .flatMap(({ type, objects }) => objects().map((each) => ({ "@odata.type": `#microsoft.graph.${type}`, ...each })))
    .filter(({ id }) => wanted.has(id));
  return graphResponse("directoryObjects", { value });
}

/** Throws Graph's error for `/me`, the signed-in user: only applications sign in here. */
function refuseMe(request: Request, deps: GraphDependencies): Response {
  const message = "/me request is only valid with delegated authentication flow.";
  throw graphError(request, deps, 400, "BadRequest", message);
}

/** Service principals, applications and users. */
export function graphOperations(deps: GraphDependencies): Operation[] {
  const collections = directoryCollections(deps);
  const me = (request: Request) => refuseMe(request, deps);
  return [
    ...collections.flatMap((each): Operation[] => [
      {
        name: `${each.title}_List`,
        method: "GET",
        path: `/v1.0/${each.name}`,
        handle: (request) => list(request, each, deps),
      },
      {
        name: `${each.title}_Get`,
        method: "GET",
        path: `/v1.0/${each.name}/:id`,
        handle: (request) => get(request, each, deps),
      },
    ]),
    {
      name: "DirectoryObject_GetByIds",
      method: "POST",
      path: "/v1.0/directoryObjects/getByIds",
      handle: (request) => getByIds(request, collections, deps),
    },
    { name: "Me_Get", method: "GET", path: "/v1.0/me", handle: me },
    { name: "Me_ListOwnedObjects", method: "GET", path: "/v1.0/me/ownedObjects", handle: me },
  ];
}
