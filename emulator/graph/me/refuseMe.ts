import type { Operation } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { graphError } from "../graphErrors";

/** Graph's error for an application that requests the signed-in user. */
export const refuseMe =
  (name: string, path: string) =>
  (deps: GraphDependencies): Operation => ({
    name,
    method: "GET",
    path,
    handle(request) {
      const message = "/me request is only valid with delegated authentication flow.";
      throw graphError(request, deps, 400, "BadRequest", message);
    },
  });
