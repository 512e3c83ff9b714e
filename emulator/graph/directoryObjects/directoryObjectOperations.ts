import type { Operation } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { directoryCollections } from "./collection";
import { getByIds } from "./getByIds";
import { getDirectoryObject } from "./getDirectoryObject";
import { listDirectoryObjects } from "./listDirectoryObjects";

/** Service principals, applications and users. */
export function directoryObjectOperations(deps: GraphDependencies): Operation[] {
  const collections = directoryCollections(deps);
  return [
    ...collections.flatMap((each) => [listDirectoryObjects(each), getDirectoryObject(each)]),
    getByIds(collections),
  ].map((operation) => operation(deps));
}
