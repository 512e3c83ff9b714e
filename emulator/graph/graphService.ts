import type { ServiceDefinition } from "../kernel/service";
import { authenticateCaller } from "./graphAuthentication";
import type { GraphDependencies } from "./graphDependencies";
import { graphError, notEmulated } from "./graphErrors";
import { graphOperations } from "./graphOperations";

/**
 * Makes Microsoft Graph v1.0, read only: the tenant's one application and its service principal, which az reads to assign
 * roles and to name their principals. In Azure the application needs the permission Application.Read.All.
 */
export function graphService(deps: GraphDependencies): ServiceDefinition {
  return {
    name: "graph",
    operations: graphOperations(deps),
    headers: () => ({ "request-id": deps.ids.guid(), "strict-transport-security": "max-age=31536000" }),
    before(request) {
      authenticateCaller(request, deps);
      return undefined;
    },
    notFound: (request) => notEmulated(request, deps, `${request.method} ${request.path}`),
    badBody: (request) => graphError(request, deps, 400, "BadRequest", "Unable to read JSON request payload."),
    internal: (request) =>
      graphError(request, deps, 500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
