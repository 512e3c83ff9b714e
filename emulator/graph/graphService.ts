import type { AccessTokens } from "../entra/accessTokens";
import type { Application } from "../entra/application";
import type { Operation, Request } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import { applicationOf, servicePrincipalOf } from "./directoryObjects/directoryObject";
import { type Collection, collectionOperations, getByIds } from "./directoryObjects/directoryObjectOperations";
import { authenticate } from "./graphAuthentication";
import { type GraphServices, graphError, notEmulated } from "./graphErrors";

/** `/me` is a user, and whoever signs in here is an application. */
const me = (name: string, path: string, services: GraphServices): Operation => ({
  name,
  method: "GET",
  path,
  handle(request) {
    const message = "/me request is only valid with delegated authentication flow.";
    throw graphError(request, services, 400, "BadRequest", message);
  },
});

/**
 * Microsoft Graph v1.0 (graph.microsoft.com), read only, as much of it as az asks to give roles and to name who has
 * them: the tenant's one application and its service principal. The application may read the directory, for which it would
 * need the permission Application.Read.All in Azure.
 */
export function graphService(
  tokens: AccessTokens,
  services: GraphServices,
  application: Pick<Application, "certificates">,
): ServiceDefinition {
  const { tenant } = tokens;
  const servicePrincipals: Collection = {
    name: "servicePrincipals",
    title: "ServicePrincipal",
    objects: () => [servicePrincipalOf(tenant)],
    filters: {
      eq: ["id", "appId", "displayName", "servicePrincipalType"],
      startswith: ["displayName"],
      any: ["servicePrincipalNames"],
    },
  };
  const applications: Collection = {
    name: "applications",
    title: "Application",
    objects: () => [applicationOf(tenant, application)],
    filters: { eq: ["id", "appId", "displayName"], startswith: ["displayName"], any: ["identifierUris"] },
  };
  // az looks here first for an assignee with an @ in it. The local Azure has no users.
  const users: Collection = {
    name: "users",
    title: "User",
    objects: () => [],
    hasOtherNames: true,
    filters: { eq: ["userPrincipalName", "displayName"], startswith: ["displayName"] },
  };
  return {
    name: "graph",
    operations: [
      ...[servicePrincipals, applications, users].flatMap((each) => collectionOperations(each, services)),
      getByIds({ servicePrincipal: servicePrincipals, application: applications, user: users }, services),
      me("Me_Get", "/v1.0/me", services),
      me("Me_ListOwnedObjects", "/v1.0/me/ownedObjects", services),
    ],
    headers: () => ({ "request-id": services.ids.guid(), "strict-transport-security": "max-age=31536000" }),
    before(request) {
      authenticate(request, tokens, services);
      return undefined;
    },
    notFound: (request) => notEmulated(request, services, `${request.method} ${request.path}`),
    badBody: (request) => graphError(request, services, 400, "BadRequest", "Unable to read JSON request payload."),
    internal: (request: Request) =>
      graphError(request, services, 500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
