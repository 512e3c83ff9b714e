import type { ServiceDefinition } from "../kernel/service";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import { directoryObjectOperations } from "./directoryObjects/directoryObjectOperations";
import { authenticateCaller } from "./graphAuthentication";
import type { GraphDependencies } from "./graphDependencies";
import { graphError, notEmulated } from "./graphErrors";
import { meOperations } from "./me/meOperations";

/** Microsoft Graph. */
export interface GraphService {
  /** For `graph.microsoft.com`. */
  readonly definition: ServiceDefinition;
}

/**
 * Makes Microsoft Graph v1.0, read only: the tenant's one application and its service principal, which az reads to assign
 * roles and to name their principals. In Azure the application needs the permission Application.Read.All.
 */
export function graphService(
  { clock, ids }: Pick<SharedDependencies, "clock" | "ids">,
  options: Omit<GraphDependencies, "clock" | "ids">,
): GraphService {
  const deps: GraphDependencies = { clock, ids, ...options };
  const definition: ServiceDefinition = {
    name: "graph",
    operations: [...directoryObjectOperations(deps), ...meOperations(deps)],
    headers: () => ({ "request-id": ids.guid(), "strict-transport-security": "max-age=31536000" }),
    before(request) {
      authenticateCaller(request, deps);
      return undefined;
    },
    notFound: (request) => notEmulated(request, deps, `${request.method} ${request.path}`),
    badBody: (request) => graphError(request, deps, 400, "BadRequest", "Unable to read JSON request payload."),
    internal: (request) =>
      graphError(request, deps, 500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
  return { definition };
}
