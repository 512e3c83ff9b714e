import { type Request, WireError } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { Services } from "../kernel/services";
import type { AccessTokens } from "./accessTokens";
import { discovery } from "./discovery/discoveryOperations";
import { entraError } from "./entraErrors";
import type { AssertionDependencies } from "./tokens/clientAssertion";
import { tokenRequest } from "./tokens/issueToken";

/** Names that stand for "whatever tenant": good for discovery, as in Entra. */
const ANY_TENANT: ReadonlySet<string> = new Set(["common", "organizations"]);

/** Where users would sign in: in a browser, or with a code on another device. */
const USERS = /\/oauth2\/(?:v2\.0\/)?(?:authorize|devicecode|logout)$|\/common\/userrealm\//i;

const absent = ({ method, path }: Request): string =>
  USERS.test(path)
    ? "The local Azure has no users: sign in as its application, with a secret, a certificate, a federated token or a managed identity (docs/team-settings.md)."
    : `The local Azure has no ${method} ${path} of Entra ID.`;

/** Entra ID (login.microsoftonline.com): discovery and client-credentials sign-in for the one tenant. */
export function entraService(
  tokens: AccessTokens,
  services: Pick<Services, "clock" | "ids">,
  { application, issuer }: Pick<AssertionDependencies, "application" | "issuer">,
): ServiceDefinition {
  const { tenant, key } = tokens;
  const checkTenant = (request: Request): void => {
    const name = (request.params.tenant ?? "").toLowerCase();
    if (name === tenant.tenantId || (ANY_TENANT.has(name) && request.method === "GET")) return;
    const message = `Tenant '${name}' not found. The local Azure has one tenant: ${tenant.tenantId}.`;
    throw entraError("unknownTenant", message, services);
  };
  return {
    name: "entra",
    operations: [
      ...discovery(tenant, key, checkTenant),
      tokenRequest("v2", tokens, { application, issuer, services }, checkTenant),
      tokenRequest("v1", tokens, { application, issuer, services }, checkTenant),
    ],
    headers: () => ({ "x-ms-request-id": services.ids.guid(), "strict-transport-security": "max-age=31536000" }),
    notFound: (request) => entraError("notEmulated", absent(request), services),
    badBody: () => entraError("missingParameter", "The request body is not a form.", services),
    internal: () =>
      new WireError(500, { error: "server_error", error_description: "The local Azure failed. Its log says why." }),
  };
}
