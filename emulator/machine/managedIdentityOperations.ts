import { TOKEN_SECONDS } from "../entra/accessTokens";
import { isKnownResource } from "../entra/knownResources";
import { unixSeconds } from "../kernel/clock";
import type { Operation, Request, Response } from "../kernel/operation";
import { sameSecret } from "../kernel/sameSecret";
import type { MachineDependencies } from "./machineDependencies";
import { appServiceError, type MachineError, machineError } from "./machineErrors";

/** A token of the machine's identity. `expires`: seconds since 1970. */
interface IdentityToken {
  readonly token: string;
  readonly resource: string;
  readonly expires: number;
  readonly clientId: string;
}

function checkApiVersion({ query }: Request, example: string, refuse: MachineError): void {
  if (query.get("api-version")) return;
  throw refuse(400, "invalid_request", `The parameter 'api-version' is missing, for example ${example}.`);
}

/**
 * The identity that a request selects by its client ID, object ID or resource ID: a user-assigned identity, or the tenant's
 * application, which is the default.
 */
function selected(query: Request["query"], { tokens, directory }: MachineDependencies) {
  const { clientId, objectId } = tokens.tenant;
  const users = directory.principals().filter(({ isUserAssigned }) => isUserAssigned);
  const wanted = [
    ["clientId", query.get("client_id") ?? query.get("clientid")],
    ["objectId", query.get("object_id") ?? query.get("principal_id")],
    ["resourceId", query.get("mi_res_id") ?? query.get("msi_res_id")],
  ] as const;
  return [{ clientId, objectId, resourceId: "" }, ...users].find((each) =>
    wanted.every(([name, value]) => value === undefined || each[name].toLowerCase() === value.toLowerCase()),
  );
}

/** Issues a token of the selected identity. */
function identityToken(request: Request, deps: MachineDependencies, refuse: MachineError): IdentityToken {
  const { query } = request;
  const resource = query.get("resource") ?? "";
  if (resource === "") throw refuse(400, "invalid_request", "The parameter 'resource' is missing.");
  if (!isKnownResource(resource)) {
    const message = `AADSTS500011: The resource principal named ${resource} was not found in the tenant of the local Azure.`;
    throw refuse(400, "invalid_resource", message);
  }
  const principal = selected(query, deps);
  if (!principal) throw refuse(400, "invalid_request", "Identity not found");
  const expires = unixSeconds(deps.clock) + TOKEN_SECONDS;
  const token = deps.tokens.issue(resource, { method: "2", principal });
  return { token, resource, expires, clientId: principal.clientId };
}

/** App Service: the header proves that the caller runs in the app, because a forged request cannot set it. */
function appServiceToken(request: Request, deps: MachineDependencies): Response {
  const given = request.headers["x-identity-header"];
  if (typeof given !== "string" || !sameSecret(given, deps.identitySecret)) {
    const message = "The header X-IDENTITY-HEADER must carry the value of IDENTITY_HEADER.";
    throw appServiceError(401, "unauthorized", message);
  }
  checkApiVersion(request, "2019-08-01", appServiceError);
  const { token, resource, expires, clientId } = identityToken(request, deps, appServiceError);
  const body = { access_token: token, client_id: clientId, expires_on: `${expires}`, resource, token_type: "Bearer" };
  return { status: 200, body };
}

/** A virtual machine's Instance Metadata Service. Every process of the machine can call it, so it is off by default. */
function imdsToken(request: Request, deps: MachineDependencies): Response {
  if (deps.switches.imds !== true) {
    const how = 'POST {"imds": true} to /settings of the control listener switches it on';
    throw machineError(403, "imds_off", `The local Azure's Instance Metadata Service is off: ${how}.`);
  }
  if (String(request.headers.metadata).toLowerCase() !== "true" || request.headers["x-forwarded-for"] !== undefined) {
    throw machineError(400, "invalid_request", "Required metadata header not specified");
  }
  checkApiVersion(request, "2018-02-01", machineError);
  const { token, resource, expires, clientId } = identityToken(request, deps, machineError);
  const body = {
    access_token: token,
    client_id: clientId,
    expires_in: `${TOKEN_SECONDS}`,
    expires_on: `${expires}`,
    ext_expires_in: `${TOKEN_SECONDS}`,
    not_before: `${expires - TOKEN_SECONDS}`,
    resource,
    token_type: "Bearer",
  };
  return { status: 200, body };
}

/** Managed identity of App Service and of virtual machines. */
export const managedIdentityOperations = (deps: MachineDependencies): Operation[] => [
  {
    name: "ManagedIdentity_AppService",
    method: "GET",
    path: "/msi/token",
    handle: (request) => appServiceToken(request, deps),
  },
  {
    name: "ManagedIdentity_Imds",
    method: "GET",
    path: "/metadata/identity/oauth2/token",
    handle: (request) => imdsToken(request, deps),
  },
];
