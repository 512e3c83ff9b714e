import type { Operation, Request, Response } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { graphError } from "../graphErrors";
import type { Collection } from "./collection";
import { isGuid } from "./directoryObject";
import { graphResponse, refuseOptions } from "./graphResponse";

/** The most IDs of one request. */
const ID_LIMIT = 1000;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** "directoryObject: getByIds": objects of any of the requested types. Leaves out IDs that no object has. */
export const getByIds =
  (collections: readonly Collection[]) =>
  (deps: GraphDependencies): Operation => {
    const handle = (request: Request): Response => {
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
        .flatMap(({ type, objects }) =>
          objects().map((each) => ({ "@odata.type": `#microsoft.graph.${type}`, ...each })),
        )
        .filter(({ id }) => wanted.has(id));
      return graphResponse("directoryObjects", { value });
    };
    return { name: "DirectoryObject_GetByIds", method: "POST", path: "/v1.0/directoryObjects/getByIds", handle };
  };
