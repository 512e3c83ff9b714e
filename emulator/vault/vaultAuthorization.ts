import { azureHost } from "../../azure/hosts";
import { bearerOf } from "../kernel/authorizeCaller";
import type { Principal, TokenError, TokenValidator } from "../kernel/directory";
import type { Operation, Request, Response } from "../kernel/operation";
import type { VaultDirectory, VaultRecord } from "../kernel/vaultDirectory";
import type { VaultDependencies } from "./vaultDependencies";
import { vaultError } from "./vaultErrors";
import { type Need, needed, SEGMENTS } from "./vaultPermissions";

/** The audience of tokens for vaults. */
const AUDIENCE = "https://vault.azure.net";

/** Key Vault's message for each token error. AKV10000, AKV10022 and AKV10032 as seen on the wire, the others by analogy. */
const TOKEN_ERRORS: Readonly<Record<TokenError, (vault: VaultRecord) => string>> = Object.freeze({
  malformed: () => "AKV10001: The Bearer token cannot be read.",
  signature: () => "AKV10046: Unable to resolve the key used for signature validation.",
  issuer: ({ tenantId }) => `AKV10032: Invalid issuer. Expected one of https://sts.windows.net/${tenantId}/.`,
  audience: () => `AKV10022: Invalid audience. Expected ${AUDIENCE}.`,
  expired: () => "AKV10016: The access token has expired.",
  notYetValid: () => "AKV10016: The access token is not valid yet.",
});

/**
 * Returns the caller. Throws 401 with the challenge that names the sign-in endpoint and the resource: the SDKs send a first
 * request without token and body to get it (document 004, "Authentication").
 */
function authenticate(request: Request, vault: VaultRecord, tokens: TokenValidator): Principal {
  const challenge = `Bearer authorization="https://login.microsoftonline.com/${vault.tenantId}", resource="${AUDIENCE}"`;
  const refuse = (message: string) =>
    vaultError(401, "Unauthorized", message, { headers: { "www-authenticate": challenge } });
  const bearer = bearerOf(request);
  if (bearer === undefined) throw refuse("AKV10000: Request is missing a Bearer or PoP token.");
  const validation = tokens.validate(bearer, [AUDIENCE]);
  if (!validation.ok) throw refuse(TOKEN_ERRORS[validation.reason](vault));
  if (validation.principal.tenantId.toLowerCase() !== vault.tenantId.toLowerCase())
    throw refuse(TOKEN_ERRORS.issuer(vault));
  return validation.principal;
}

/** The vault, the caller and the api-version of a request. */
export interface VaultRequestContext {
  readonly vault: VaultRecord;
  readonly principal: Principal;
  readonly apiVersion: string;
}

type AuthorizationDependencies = Pick<VaultDependencies, "vaults" | "tokens">;

/**
 * Returns the vault of a request's host. In Azure a vault that does not exist has no DNS name; here the request has arrived
 * already and gets 421: neither a 404, which clients read as a missing object, nor a status that they retry.
 */
function vaultOf(request: Request, { vaults }: AuthorizationDependencies): VaultRecord {
  const host = azureHost(request.host);
  const name = host?.service === "vault" ? host.name : request.host;
  const vault = vaults.vault(name);
  if (vault) return vault;
  const message = `There is no key vault '${name}' in the local Azure: never created, or deleted. Azure has no DNS name for it (ENOTFOUND).`;
  throw vaultError(421, "VaultNotFound", message);
}

const callerOf = ({ clientId, objectId, tenantId }: Principal): string =>
  `appid=${clientId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/`;

const labelOf = ({ name, location }: VaultRecord): string => `${name};location=${location}`;

function checkNetwork({ vault, principal }: VaultRequestContext): void {
  if (vault.closedBy === undefined) return;
  const connection = vault.closedBy === "connection";
  const what = connection
    ? "Public network access is disabled and request is not from a trusted service nor via an approved private link."
    : "Client address is not authorized and caller is not a trusted service.";
  const message = `${what}\r\nClient address: 127.0.0.1\r\nCaller: ${callerOf(principal)}\r\nVault: ${labelOf(vault)}`;
  throw vaultError(403, "Forbidden", message, { inner: connection ? "ForbiddenByConnection" : "ForbiddenByFirewall" });
}

/** Cache by request: the context is read before an operation, and again by the operation. */
const known = new WeakMap<Request["headers"], VaultRequestContext>();

/** Returns the vault and the authenticated caller of a request, without authorization. Throws 421, 401 or 403. */
export function requestContext(request: Request, deps: AuthorizationDependencies): VaultRequestContext {
  const found = known.get(request.headers);
  if (found !== undefined) return found;
  const vault = vaultOf(request, deps);
  const principal = authenticate(request, vault, deps.tokens);
  const context = { vault, principal, apiVersion: request.query.get("api-version") ?? "" };
  checkNetwork(context);
  known.set(request.headers, context);
  return context;
}

function byRole(context: VaultRequestContext, need: Need, request: Request, vaults: VaultDirectory): void {
  const { vault, principal } = context;
  const { dataAction } = needed(need);
  const { name } = request.params;
  const resource = `${vault.id.toLowerCase()}${name === undefined ? "" : `/${SEGMENTS[need.kind]}/${name}`}`;
  if (vaults.allows(principal.objectId, resource, dataAction)) return;
  const message = [
    "Caller is not authorized to perform action on resource.",
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
    `Caller: ${callerOf(principal)}`,
    `Action: '${dataAction}'`,
    `Resource: '${resource}'`,
    "Assignment: (not found)",
    "DenyAssignmentId: null",
    "DecisionReason: null",
    `Vault: ${labelOf(vault)}`,
  ].join("\r\n");
  throw vaultError(403, "Forbidden", `${message}\r\n`, { inner: "ForbiddenByRbac" });
}

function byPolicy({ vault, principal }: VaultRequestContext, need: Need): void {
  const { permission } = needed(need);
  const segment = SEGMENTS[need.kind];
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const allowed = vault.accessPolicies.some(
    ({ objectId, tenantId, permissions }) =>
      same(objectId, principal.objectId) &&
      same(tenantId, principal.tenantId) &&
      // `all` is every permission but purge (Azure documentation, "Vaults – Create or update").
      permissions[segment].some((granted) => granted === permission || (granted === "all" && permission !== "purge")),
  );
  if (allowed) return;
  const message = `The user, group or application '${callerOf(principal)}' does not have ${segment} ${permission} permission on key vault '${labelOf(vault)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`;
  throw vaultError(403, "Forbidden", message, { inner: "ForbiddenByPolicy" });
}

/**
 * Authorizes a request and returns its vault and caller. Throws 421 (no such vault), 401 (missing or invalid token) or 403 with the inner code `ForbiddenByRbac`, `ForbiddenByPolicy`, `ForbiddenByConnection`, `ForbiddenByFirewall`.
 */
export function authorize(request: Request, need: Need, deps: AuthorizationDependencies): VaultRequestContext {
  const context = requestContext(request, deps);
  if (context.vault.enableRbacAuthorization) byRole(context, need, request, deps.vaults);
  else byPolicy(context, need);
  return context;
}

/** Returns a handler that runs for authorized callers only, with the vault and the caller. Throws as {@link authorize}. */
export const authorized =
  (
    need: Need,
    deps: AuthorizationDependencies,
    handle: (request: Request, context: VaultRequestContext) => Response | Promise<Response>,
  ): Operation["handle"] =>
  (request) =>
    handle(request, authorize(request, need, deps));
