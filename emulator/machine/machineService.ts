import { IMDS_HOST } from "../../azure/hosts";
import { isOwnHost } from "../kernel/hostCheck";
import type { ServiceDefinition } from "../kernel/service";
import { githubTokenOperations } from "./githubTokenOperations";
import type { MachineDependencies } from "./machineDependencies";
import { machineError } from "./machineErrors";
import { managedIdentityOperations } from "./managedIdentityOperations";

/**
 * Makes the identity endpoints that a machine has in Azure or at GitHub: managed identity as App Service and (by switch)
 * virtual machines offer it, and GitHub Actions' identity tokens.
 * Sources: "How to use managed identities for App Service" (REST protocol 2019-08-01), "How managed identities … use an
 * access token" (IMDS 2018-02-01), GitHub "OpenID Connect reference".
 */
export function machineService(deps: MachineDependencies): ServiceDefinition {
  return {
    name: "machine",
    operations: [...managedIdentityOperations(deps), ...githubTokenOperations(deps)],
    headers: () => ({ "cache-control": "no-store" }),
    before(request) {
      if (request.host === IMDS_HOST || isOwnHost(request, deps.publicHost)) return undefined;
      const own = deps.publicHost ?? "127.0.0.1";
      const message = `These endpoints are available at ${own} only, not at ${request.host || "no host"}.`;
      throw machineError(403, "host_refused", message);
    },
    notFound: (request) =>
      machineError(404, "not_found", `The local Azure has no ${request.method} ${request.path} here.`),
    badBody: () => machineError(400, "invalid_request", "The request cannot be read."),
    internal: () => machineError(500, "server_error", "The local Azure failed. Its log says why."),
  };
}
