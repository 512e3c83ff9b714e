import { TOKEN_SECONDS } from "../../entra/accessTokens";
import type { Operation } from "../../kernel/operation";
import type { MachineDependencies } from "../machineDependencies";
import { machineError } from "../machineErrors";
import { identityToken } from "./identityToken";

/** A virtual machine's Instance Metadata Service. Every process of the machine can call it, so it is off by default. */
export const getImdsToken = (deps: MachineDependencies): Operation => ({
  name: "ManagedIdentity_Imds",
  method: "GET",
  path: "/metadata/identity/oauth2/token",
  handle(request) {
    if (deps.switches.imds !== true) {
      const how = 'POST {"imds": true} to /settings of the control listener switches it on';
      throw machineError(403, "imds_off", `The local Azure's Instance Metadata Service is off: ${how}.`);
    }
    if (String(request.headers.metadata).toLowerCase() !== "true" || request.headers["x-forwarded-for"] !== undefined) {
      throw machineError(400, "invalid_request", "Required metadata header not specified");
    }
    if (!request.query.get("api-version")) {
      throw machineError(400, "invalid_request", "The parameter 'api-version' is missing, for example 2018-02-01.");
    }
    const { token, resource, expires } = identityToken(request, deps, machineError);
    const body = {
      access_token: token,
      client_id: deps.tokens.tenant.clientId,
      expires_in: `${TOKEN_SECONDS}`,
      expires_on: `${expires}`,
      ext_expires_in: `${TOKEN_SECONDS}`,
      not_before: `${expires - TOKEN_SECONDS}`,
      resource,
      token_type: "Bearer",
    };
    return { status: 200, body };
  },
});
