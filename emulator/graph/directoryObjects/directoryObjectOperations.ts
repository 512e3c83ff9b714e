import { GRAPH_HOST } from "../../../azure/hosts";
import type { Operation, Request, Response } from "../../kernel/operation";
import { type GraphServices, graphError, notEmulated } from "../graphErrors";
import type { DirectoryObject } from "./directoryObject";
import { type Condition, meets, parseFilter } from "./odataFilter";

/** A kind of object that can be listed. */
export interface Collection {
  /** As paths spell it, for example `servicePrincipals`. */
  readonly name: string;
  /** As operations are called, for example `ServicePrincipal`. */
  readonly title: string;
  readonly objects: () => readonly DirectoryObject[];
  /** They are also got by another name than their ID, as users are by their principal name. Default: not. */
  readonly hasOtherNames?: true;
  /** The properties that can be filtered by, by form. */
  readonly filters: Readonly<Partial<Record<Condition["kind"], readonly string[]>>>;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HEADERS = { "content-type": "application/json;odata.metadata=minimal;charset=utf-8", "odata-version": "4.0" };

/** A good answer; `context` says what it is, below `$metadata#`. */
function found(context: string, body: Readonly<Record<string, unknown>>): Response {
  const head = { "@odata.context": `https://${GRAPH_HOST}/v1.0/$metadata#${context}` };
  return { status: 200, headers: HEADERS, body: { ...head, ...body } };
}

/** Throws 501 for options that change the answer and are not honoured. */
function refuseOptions(request: Request, services: GraphServices, honoured: readonly string[] = []): void {
  const others = [...request.query.keys()].filter((name) => name.startsWith("$") && !honoured.includes(name));
  if (others.length > 0) throw notEmulated(request, services, `the option ${others.join(", ")}`);
}

function conditionsOf(request: Request, { filters }: Collection, services: GraphServices): readonly Condition[] {
  const text = request.query.get("$filter");
  if (text === undefined) return [];
  const conditions = parseFilter(text);
  if (conditions?.every(({ kind, property }) => filters[kind]?.includes(property))) return conditions;
  throw notEmulated(request, services, `the filter ${text}`);
}

/** List and get of a collection: `$filter` in az's forms, and no other options. */
export function collectionOperations(collection: Collection, services: GraphServices): Operation[] {
  const { name, title, objects, hasOtherNames = false } = collection;
  const list = (request: Request): Response => {
    refuseOptions(request, services, ["$filter"]);
    const conditions = conditionsOf(request, collection, services);
    return found(name, { value: objects().filter((each) => meets(each, conditions)) });
  };
  const get = (request: Request): Response => {
    refuseOptions(request, services);
    const { id = "" } = request.params;
    const refuse = (status: number, code: string, message: string) =>
      graphError(request, services, status, code, message);
    if (!hasOtherNames && !GUID.test(id)) throw refuse(400, "Request_BadRequest", `Invalid object identifier '${id}'.`);
    const object = objects().find((each) => each.id === id.toLowerCase());
    if (object) return found(`${name}/$entity`, object);
    const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
    throw refuse(404, "Request_ResourceNotFound", message);
  };
  const path = `/v1.0/${name}`;
  return [
    { name: `${title}_List`, method: "GET", path, handle: list },
    { name: `${title}_Get`, method: "GET", path: `${path}/:id`, handle: get },
  ];
}

/** Most ids that Graph takes at once. */
const MOST_IDS = 1000;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** "directoryObject: getByIds": objects of any of the types asked for; ids that nobody has are left out. */
export function getByIds(collections: Readonly<Record<string, Collection>>, services: GraphServices): Operation {
  const handle = (request: Request): Response => {
    refuseOptions(request, services);
    const refuse = (message: string) => graphError(request, services, 400, "Request_BadRequest", message);
    const { ids, types = ["directoryObject"] } = (request.body ?? {}) as { ids?: unknown; types?: unknown };
    if (!isTexts(ids) || ids.length === 0) throw refuse("The parameter 'ids' must be a list of at least one ID.");
    if (ids.length > MOST_IDS) throw refuse(`The parameter 'ids' may have ${MOST_IDS} IDs, and has ${ids.length}.`);
    if (!isTexts(types)) throw refuse("The parameter 'types' must be a list of names.");
    if (!ids.every((id) => GUID.test(id))) throw refuse("Invalid GUID specified.");
    const wanted = new Set(ids.map((id) => id.toLowerCase()));
    const value = Object.entries(collections)
      .filter(([type]) => types.includes(type) || types.includes("directoryObject"))
      .flatMap(([type, { objects }]) =>
        objects().map((each) => ({ "@odata.type": `#microsoft.graph.${type}`, ...each })),
      )
      .filter(({ id }) => wanted.has(id));
    return found("directoryObjects", { value });
  };
  return { name: "DirectoryObject_GetByIds", method: "POST", path: "/v1.0/directoryObjects/getByIds", handle };
}
