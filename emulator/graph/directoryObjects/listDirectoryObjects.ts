import type { Operation, Request } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { notEmulated } from "../graphErrors";
import type { Collection } from "./collection";
import { graphResponse, refuseOptions } from "./graphResponse";
import { type Condition, meets, parseFilter } from "./odataFilter";

function conditionsOf(request: Request, { filters }: Collection, deps: GraphDependencies): readonly Condition[] {
  const text = request.query.get("$filter");
  if (text === undefined) return [];
  const conditions = parseFilter(text);
  if (conditions?.every(({ kind, property }) => filters[kind]?.includes(property))) return conditions;
  throw notEmulated(request, deps, `the filter ${text}`);
}

/** The objects of a collection: with `$filter` in the forms that az sends, and no other options. */
export const listDirectoryObjects =
  (collection: Collection) =>
  (deps: GraphDependencies): Operation => ({
    name: `${collection.title}_List`,
    method: "GET",
    path: `/v1.0/${collection.name}`,
    handle(request) {
      refuseOptions(request, deps, ["$filter"]);
      const conditions = conditionsOf(request, collection, deps);
      const value = collection.objects().filter((each) => meets(each, conditions));
      return graphResponse(collection.name, { value });
    },
  });
