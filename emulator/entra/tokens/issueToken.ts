import type { Operation, Request, Response } from "../../kernel/operation";
import { sameSecret } from "../../kernel/sameSecret";
import { type AccessTokens, TOKEN_SECONDS } from "../accessTokens";
import { entraError, type FaultServices } from "../entraErrors";
import { isKnownResource } from "../knownResources";
import { ASSERTION_TYPE, type AssertionDependencies, checkAssertion } from "./clientAssertion";

/**
 * The audience of a scope. `{resource}/.default` is the resource with the last slash cut off, so that
 * `https://management.core.windows.net//.default` gives `https://management.core.windows.net/`.
 */
function audienceOf(form: URLSearchParams, services: FaultServices): string {
  const resource = form.get("resource");
  const scope = form.get("scope");
  if (resource === null && !scope) {
    throw entraError("noScope", "The request body must contain the following parameter: 'scope'.", services);
  }
  // Clients add OpenID's own scopes (`openid offline_access profile`), which say nothing about the resource.
  const item = resource ?? scope?.split(/\s+/).find((part) => part.endsWith("/.default"));
  if (item === undefined) {
    const message = `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    throw entraError("badScope", message, services);
  }
  const audience = item.replace(/\/\.default$/, "");
  if (!isKnownResource(audience)) {
    const message = `The resource principal named ${audience} was not found in the tenant of the local Azure.`;
    throw entraError("unknownResource", message, services);
  }
  return audience;
}

/** `xms_cc` of the `claims` parameter: what the client says that it can do. */
function capabilitiesOf(form: URLSearchParams): string[] {
  try {
    const claims = JSON.parse(form.get("claims") ?? "{}") as {
      access_token?: { xms_cc?: { values?: unknown } };
    };
    const values = claims.access_token?.xms_cc?.values;
    return Array.isArray(values) ? values.filter((value): value is string => typeof value === "string") : [];
  } catch {
    return [];
  }
}

/** Answers how the client signed in, as the token's `appidacr` says it: by secret or by assertion. */
function checkClient(
  form: URLSearchParams,
  tokens: AccessTokens,
  { application, issuer, services }: Omit<AssertionDependencies, "tenant">,
): "1" | "2" {
  const grant = form.get("grant_type");
  if (grant === null) {
    throw entraError(
      "missingParameter",
      "The request body must contain the following parameter: 'grant_type'.",
      services,
    );
  }
  if (grant !== "client_credentials") {
    const message = `The app requested an unsupported grant type '${grant}'. The local Azure signs in applications with client_credentials.`;
    throw entraError("badGrant", message, services);
  }
  const client = form.get("client_id") ?? "";
  if (client.toLowerCase() !== tokens.tenant.clientId) {
    const message = `Application with identifier '${client}' was not found in the directory of the local Azure.`;
    throw entraError("unknownClient", message, services);
  }
  const assertion = form.get("client_assertion");
  if (assertion) {
    const type = form.get("client_assertion_type");
    if (type !== ASSERTION_TYPE) {
      const message = `The provided value for the input parameter 'client_assertion_type' is not valid. Expected: '${ASSERTION_TYPE}'.`;
      throw entraError("missingParameter", message, services);
    }
    checkAssertion(assertion, { tenant: tokens.tenant, application, issuer, services });
    return "2";
  }
  const secret = form.get("client_secret");
  if (!secret) {
    const message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    throw entraError("noCredential", message, services);
  }
  if (!sameSecret(secret, tokens.tenant.clientSecret)) {
    const message = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`;
    throw entraError("badSecret", message, services);
  }
  return "1";
}

/** The token endpoint of one version (RFC 6749, 4.4): an application's own credentials for an access token. */
export function tokenRequest(
  version: "v1" | "v2",
  tokens: AccessTokens,
  deps: Omit<AssertionDependencies, "tenant">,
  checkTenant: (request: Request) => void,
): Operation {
  return {
    name: version === "v2" ? "Token" : "Token_V1",
    method: "POST",
    path: version === "v2" ? "/:tenant/oauth2/v2.0/token" : "/:tenant/oauth2/token",
    handle(request: Request): Response {
      checkTenant(request);
      const form = new URLSearchParams(request.raw.toString("utf8"));
      const method = checkClient(form, tokens, deps);
      const audience = audienceOf(form, deps.services);
      const token = tokens.issue(audience, { capabilities: capabilitiesOf(form), method });
      return {
        status: 200,
        headers: { "cache-control": "no-store, no-cache", pragma: "no-cache" },
        body: {
          token_type: "Bearer",
          expires_in: TOKEN_SECONDS,
          ext_expires_in: TOKEN_SECONDS,
          access_token: token,
        },
      };
    },
  };
}
