import type { Operation } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { graphError } from "../graphErrors";
import type { Collection } from "./collection";
import { isGuid } from "./directoryObject";
import { graphResponse, refuseOptions } from "./graphResponse";

/** GET of an object of a collection. */
export const getDirectoryObject =
  ({ name, title, objects, hasOtherNames = false }: Collection) =>
  (deps: GraphDependencies): Operation => ({
    name: `${title}_Get`,
    method: "GET",
    path: `/v1.0/${name}/:id`,
    handle(request) {
      refuseOptions(request, deps);
      const { id = "" } = request.params;
      if (!hasOtherNames && !isGuid(id)) {
        throw graphError(request, deps, 400, "Request_BadRequest", `Invalid object identifier '${id}'.`);
      }
      const object = objects().find((each) => each.id === id.toLowerCase());
      if (object) return graphResponse(`${name}/$entity`, object);
      const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
      throw graphError(request, deps, 404, "Request_ResourceNotFound", message);
    },
  });
