import { unixSeconds } from "../kernel/clock";
import type { Operation, Request, Response } from "../kernel/operation";
import { parseJson } from "../kernel/parseJson";
import { sameSecret } from "../kernel/sameSecret";
import { TOKEN_SECONDS } from "./accessTokens";
import { checkTenant } from "./checkTenant";
import { ASSERTION_TYPE, checkAssertion } from "./clientAssertion";
import type { EntraDependencies } from "./entraDependencies";
import { type EntraErrorDependencies, entraError, NOT_CACHED } from "./entraErrors";
import { isKnownResource } from "./knownResources";

/**
 * The audience of a scope. `{resource}/.default` is the resource with the last slash cut off, so that
 * `https://management.core.windows.net//.default` gives `https://management.core.windows.net/`.
 */
function audienceOf(form: URLSearchParams, deps: EntraErrorDependencies): string {
  const resource = form.get("resource");
  const scope = form.get("scope");
  if (resource === null && !scope) {
    const message =
      "The required field 'scope' is missing from the credential. Ensure that you have all the necessary parameters for the login request.";
    throw entraError("noScope", message, deps);
  }
  // Clients add OpenID's own scopes (`openid offline_access profile`), which name no resource.
  const item = resource ?? scope?.split(/\s+/).find((part) => part.endsWith("/.default"));
  if (item === undefined) {
    const message = `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    throw entraError("badScope", message, deps);
  }
  const audience = item.replace(/\/\.default$/, "");
  if (!isKnownResource(audience)) {
    const message = `The resource principal named ${audience} was not found in the tenant of the local Azure.`;
    throw entraError("unknownResource", message, deps);
  }
  return audience;
}

/** `xms_cc` of the `claims` parameter: the capabilities of the client. */
function capabilitiesOf(form: URLSearchParams): string[] {
  try {
    const claims = parseJson(Buffer.from(form.get("claims") ?? "{}")) as {
      access_token?: { xms_cc?: { values?: unknown } };
    };
    const values = claims.access_token?.xms_cc?.values;
    return Array.isArray(values) ? values.filter((value): value is string => typeof value === "string") : [];
  } catch {
    return [];
  }
}

/** What Entra looks at before it looks for the tenant and the client (recorded). */
function checkForm(form: URLSearchParams, deps: EntraErrorDependencies): void {
  const missing = (name: string) =>
    entraError("missingParameter", `The request body must contain the following parameter: '${name}'.`, deps);
  const grant = form.get("grant_type");
  if (grant === null) {
    throw missing("grant_type");
  }
  if (grant !== "client_credentials") {
    const message = `The app requested an unsupported grant type '${grant}'. The local Azure signs in applications with client_credentials.`;
    throw entraError("badGrant", message, deps);
  }
  if (!form.get("client_assertion") && !form.get("client_secret")) {
    const message =
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
    throw entraError("noCredential", message, deps);
  }
  if (!form.get("client_id")) throw missing("client_id");
}

/** Returns how the client signed in, as in the token's `appidacr`: `1` with a secret, `2` with an assertion. */
function authenticateClient(form: URLSearchParams, deps: EntraDependencies): "1" | "2" {
  const { tenant } = deps.tokens;
  const client = form.get("client_id") ?? "";
  if (client.toLowerCase() !== tenant.clientId) {
    const message = `Application with identifier '${client}' was not found in the directory of the local Azure.`;
    throw entraError("unknownClient", message, deps);
  }
  const assertion = form.get("client_assertion");
  if (assertion) {
    const type = form.get("client_assertion_type");
    if (type !== ASSERTION_TYPE) {
      const message = `The provided value for the input parameter 'client_assertion_type' is not valid. Expected: '${ASSERTION_TYPE}'.`;
      throw entraError("missingParameter", message, deps);
    }
    checkAssertion(assertion, deps);
    return "2";
  }
  if (!sameSecret(form.get("client_secret") ?? "", tenant.clientSecret)) {
    const message = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`;
    throw entraError("badSecret", message, deps);
  }
  return "1";
}

/** The lifetime as each version of the endpoint describes it: v1 as texts, and with its times and the resource (documented). */
function lifetime(version: "v1" | "v2", audience: string, { clock }: EntraDependencies): object {
  if (version === "v2") return { expires_in: TOKEN_SECONDS, ext_expires_in: TOKEN_SECONDS };
  const now = unixSeconds(clock);
  return {
    expires_in: `${TOKEN_SECONDS}`,
    ext_expires_in: `${TOKEN_SECONDS}`,
    expires_on: `${now + TOKEN_SECONDS}`,
    not_before: `${now}`,
    resource: audience,
  };
}

/** The token endpoint (RFC 6749, 4.4): an application's own credentials for an access token. */
function issueToken(version: "v1" | "v2", request: Request, deps: EntraDependencies): Response {
  const form = new URLSearchParams(request.raw.toString("utf8"));
  checkForm(form, deps);
  checkTenant(request, deps);
  const method = authenticateClient(form, deps);
  const audience = audienceOf(form, deps);
  const token = deps.tokens.issue(audience, { capabilities: capabilitiesOf(form), method });
  return {
    status: 200,
    headers: NOT_CACHED,
    body: { token_type: "Bearer", ...lifetime(version, audience, deps), access_token: token },
  };
}

/** Sign-in of applications. */
export function tokenOperations(deps: EntraDependencies): Operation[] {
  const handle = (version: "v1" | "v2") => (request: Request) => issueToken(version, request, deps);
  return [
    { name: "Token", method: "POST", path: "/:tenant/oauth2/v2.0/token", handle: handle("v2") },
    { name: "Token_V1", method: "POST", path: "/:tenant/oauth2/token", handle: handle("v1") },
  ];
}
