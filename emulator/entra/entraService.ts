import { type Request, WireError } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import { discoveryOperations } from "./discoveryOperations";
import type { EntraDependencies } from "./entraDependencies";
import { entraError } from "./entraErrors";
import { tokenOperations } from "./tokenOperations";

/** Paths at which users sign in: in a browser, or with a code on another device. */
const USERS = /\/oauth2\/(?:v2\.0\/)?(?:authorize|devicecode|logout)$|\/common\/userrealm\//i;

const notEmulated = ({ method, path }: Request): string =>
  USERS.test(path)
    ? "The local Azure has no users: sign in as its application, with a secret, a certificate, a federated token or a managed identity (docs/team-settings.md)."
    : `The local Azure has no ${method} ${path} of Entra ID.`;

/** Makes Entra ID: discovery and client-credentials sign-in for the one tenant. */
export function entraService(deps: EntraDependencies): ServiceDefinition {
  return {
    name: "entra",
    operations: [...discoveryOperations(deps), ...tokenOperations(deps)],
    headers: () => ({ "x-ms-request-id": deps.ids.guid(), "strict-transport-security": "max-age=31536000" }),
    notFound: (request) => entraError("notEmulated", notEmulated(request), deps),
    badBody: () => entraError("missingParameter", "The request body is not a form.", deps),
    internal: () =>
      new WireError(500, { error: "server_error", error_description: "The local Azure failed. Its log says why." }),
  };
}
