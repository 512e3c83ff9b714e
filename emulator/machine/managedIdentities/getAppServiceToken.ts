import type { Operation } from "../../kernel/operation";
import { sameSecret } from "../../kernel/sameSecret";
import type { MachineDependencies } from "../machineDependencies";
import { appServiceError } from "../machineErrors";
import { identityToken } from "./identityToken";

/** App Service: the header proves that the caller runs in the app, because a forged request cannot set it. */
export const getAppServiceToken = (deps: MachineDependencies): Operation => ({
  name: "ManagedIdentity_AppService",
  method: "GET",
  path: "/msi/token",
  handle(request) {
    const given = request.headers["x-identity-header"];
    if (typeof given !== "string" || !sameSecret(given, deps.identitySecret)) {
      throw appServiceError(
        401,
        "unauthorized",
        "The header X-IDENTITY-HEADER must carry the value of IDENTITY_HEADER.",
      );
    }
    if (!request.query.get("api-version")) {
      throw appServiceError(400, "invalid_request", "The parameter 'api-version' is missing, for example 2019-08-01.");
    }
    const { token, resource, expires } = identityToken(request, deps, appServiceError);
    const { clientId } = deps.tokens.tenant;
    const body = { access_token: token, client_id: clientId, expires_on: `${expires}`, resource, token_type: "Bearer" };
    return { status: 200, body };
  },
});
