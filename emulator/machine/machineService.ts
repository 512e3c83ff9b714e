import { IMDS_HOST } from "../../azure/hosts";
import { type AccessTokens, TOKEN_SECONDS } from "../entra/accessTokens";
import { EXCHANGE_AUDIENCE, GITHUB_ISSUER } from "../entra/application";
import { isKnownResource } from "../entra/knownResources";
import type { OidcIssuer } from "../entra/oidcIssuer";
import { unixSeconds } from "../kernel/clock";
import { type Operation, type Request, type Response, WireError } from "../kernel/operation";
import { sameSecret } from "../kernel/sameSecret";
import type { ServiceDefinition } from "../kernel/service";
import type { Services } from "../kernel/services";

/** What the machine's identity endpoints stand on. */
export interface MachineDependencies {
  readonly tokens: AccessTokens;
  readonly issuer: OidcIssuer;
  /** What App Service puts into IDENTITY_HEADER, and GitHub into ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  readonly identitySecret: string;
  readonly services: Pick<Services, "clock" | "ids" | "switches">;
}

/** An error as one of the endpoints writes it. */
type Refuse = (status: number, error: string, description: string) => WireError;

const refusal: Refuse = (status, error, description) =>
  new WireError(status, { error, error_description: description });
/** App Service's errors, as MSAL reads them. */
const appServiceRefusal: Refuse = (status, _error, message) => new WireError(status, { statusCode: status, message });

/**
 * What a machine finds beside it when it runs in Azure or at GitHub, over plain HTTP on the loopback interface: managed
 * identity as App Service and (by switch) virtual machines offer it, and GitHub Actions' identity tokens.
 * Sources: "How to use managed identities for App Service" (REST protocol 2019-08-01), "How managed identities … use an
 * access token" (IMDS 2018-02-01), GitHub "OpenID Connect reference".
 */
export function machineService(deps: MachineDependencies): ServiceDefinition {
  const get = (name: string, path: string, handle: (request: Request) => Response): Operation => ({
    name,
    method: "GET",
    path,
    handle,
  });
  return {
    name: "machine",
    operations: [
      get("ManagedIdentity_AppService", "/msi/token", (request) => appService(request, deps)),
      get("ManagedIdentity_Imds", "/metadata/identity/oauth2/token", (request) => imds(request, deps)),
      get("GitHub_IdToken", "/github/id-token", (request) => idToken(request, deps)),
      get("GitHub_OpenIdConfiguration", "/github/.well-known/openid-configuration", (request) =>
        configuration(request),
      ),
      get("GitHub_Keys", "/github/.well-known/jwks", () => ({ status: 200, body: deps.issuer.keys() })),
    ],
    headers: () => ({ "cache-control": "no-store" }),
    before(request) {
      // A page of a web site can have its host name answer with 127.0.0.1: such a name is not ours.
      if (["127.0.0.1", "localhost", IMDS_HOST].includes(request.host)) return undefined;
      throw refusal(403, "host_refused", `These endpoints answer at 127.0.0.1, not at ${request.host || "no host"}.`);
    },
    notFound: (request) => refusal(404, "not_found", `The local Azure has no ${request.method} ${request.path} here.`),
    badBody: () => refusal(400, "invalid_request", "The request cannot be read."),
    internal: () => refusal(500, "server_error", "The local Azure failed. Its log says why."),
  };
}

/** App Service: the header proves that the caller runs in the app (a request forged through it could not set one). */
function appService(request: Request, deps: MachineDependencies): Response {
  const given = request.headers["x-identity-header"];
  if (typeof given !== "string" || !sameSecret(given, deps.identitySecret)) {
    throw appServiceRefusal(
      401,
      "unauthorized",
      "The header X-IDENTITY-HEADER must carry the value of IDENTITY_HEADER.",
    );
  }
  if (!request.query.get("api-version")) {
    throw appServiceRefusal(400, "invalid_request", "The parameter 'api-version' is missing, for example 2019-08-01.");
  }
  const { token, resource, expires } = identityToken(request, deps, appServiceRefusal);
  const { clientId } = deps.tokens.tenant;
  const body = { access_token: token, client_id: clientId, expires_on: `${expires}`, resource, token_type: "Bearer" };
  return { status: 200, body };
}

/** A virtual machine's IMDS; whoever runs on the machine may ask, so it is off until it is switched on. */
function imds(request: Request, deps: MachineDependencies): Response {
  if (deps.services.switches.imds !== true) {
    const how = 'POST {"imds": true} to /settings of the control listener switches it on';
    throw refusal(403, "imds_off", `The local Azure's Instance Metadata Service is off: ${how}.`);
  }
  if (String(request.headers.metadata).toLowerCase() !== "true" || request.headers["x-forwarded-for"] !== undefined) {
    throw refusal(400, "invalid_request", "Required metadata header not specified");
  }
  if (!request.query.get("api-version")) {
    throw refusal(400, "invalid_request", "The parameter 'api-version' is missing, for example 2018-02-01.");
  }
  const { token, resource, expires } = identityToken(request, deps, refusal);
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
}

/** The one identity is the tenant's application: asked for by no name, or by its client or object id. */
function identityToken(request: Request, { tokens, services }: MachineDependencies, refuse: Refuse) {
  const resource = request.query.get("resource") ?? "";
  if (resource === "") throw refuse(400, "invalid_request", "The parameter 'resource' is missing.");
  if (!isKnownResource(resource)) {
    const message = `AADSTS500011: The resource principal named ${resource} was not found in the tenant of the local Azure.`;
    throw refuse(400, "invalid_resource", message);
  }
  if (request.query.has("mi_res_id") || request.query.has("msi_res_id")) {
    throw refuse(501, "not_emulated", "The local Azure's managed identity is asked for by client_id, or by no name.");
  }
  const { clientId, objectId } = tokens.tenant;
  const asked = [
    [request.query.get("client_id") ?? request.query.get("clientid"), clientId],
    [request.query.get("object_id") ?? request.query.get("principal_id"), objectId],
  ] as const;
  if (asked.some(([name, own]) => name !== undefined && name.toLowerCase() !== own)) {
    throw refuse(400, "invalid_request", "Identity not found");
  }
  const expires = unixSeconds(services.clock) + TOKEN_SECONDS;
  return { token: tokens.issue(resource, { method: "2" }), resource, expires };
}

/** The token of a workflow run, `subject` chosen by the URL: ACTIONS_ID_TOKEN_REQUEST_URL is ours to give. */
function idToken(request: Request, { issuer, identitySecret }: MachineDependencies): Response {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer === undefined || !sameSecret(bearer, identitySecret)) {
    throw refusal(401, "unauthorized", "The bearer token must be the value of ACTIONS_ID_TOKEN_REQUEST_TOKEN.");
  }
  const subject = request.query.get("subject");
  const audience = request.query.get("audience") ?? EXCHANGE_AUDIENCE;
  const value = issuer.mint({ audience, ...(subject === undefined ? {} : { subject }) });
  return { status: 200, body: { count: value.length, value } };
}

/** OpenID Connect Discovery 1.0, as GitHub's issuer answers it; the keys are at this address, not at GitHub's. */
function configuration(request: Request): Response {
  const base = `http://${request.headers.host ?? "127.0.0.1"}/github`;
  const body = {
    issuer: GITHUB_ISSUER,
    jwks_uri: `${base}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti", "nbf"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
  return { status: 200, body };
}
