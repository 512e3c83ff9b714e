import type { Operation } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { refuseMe } from "./refuseMe";

/** `/me`, the signed-in user: only applications sign in here. */
export const meOperations = (deps: GraphDependencies): Operation[] =>
  [refuseMe("Me_Get", "/v1.0/me"), refuseMe("Me_ListOwnedObjects", "/v1.0/me/ownedObjects")].map((operation) =>
    operation(deps),
  );
