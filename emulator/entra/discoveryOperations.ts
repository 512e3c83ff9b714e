import { ARM_HOST, LOGIN_HOST, LOGIN_HOST_LEGACY, VAULT_SUFFIX } from "../../azure/hosts";
import type { Operation, Request, Response } from "../kernel/operation";
import { issuerOf } from "./accessTokens";
import { checkTenant } from "./checkTenant";
import type { EntraDependencies } from "./entraDependencies";
import type { Tenant } from "./tenant";

/** Other names of Entra ID. */
const ALIASES = [LOGIN_HOST, LOGIN_HOST_LEGACY, "login.microsoft.com", "sts.windows.net"];

/** The host and port by which the client reached the local Azure; URLs in the response use the same. */
const authorityOf = (request: Request): string => request.headers.host ?? LOGIN_HOST;

/** Whether the client reached the local Azure under Azure's own name (through the proxy) or at its own address. */
const isOwnAddress = (request: Request): boolean => /^(127\.0\.0\.1|localhost)$/.test(request.host);

/** The description of a cloud, as `az cloud` and azure-native read it. */
function cloud(request: Request, tenant: Tenant): object {
  const own = isOwnAddress(request);
  return {
    name: "AzureCloud",
    portal: "https://portal.azure.com",
    authentication: {
      loginEndpoint: `https://${own ? authorityOf(request) : LOGIN_HOST}/`,
      audiences: ["https://management.core.windows.net/", "https://management.azure.com/"],
      tenant: own ? tenant.tenantId : "common",
      identityProvider: "AAD",
    },
    resourceManager: `https://${own ? authorityOf(request) : ARM_HOST}/`,
    graph: "https://graph.windows.net/",
    graphAudience: "https://graph.windows.net/",
    microsoftGraphResourceId: "https://graph.microsoft.com/",
    suffixes: {
      keyVaultDns: VAULT_SUFFIX,
      storage: "core.windows.net",
      acrLoginServer: "azurecr.io",
      sqlServerHostname: "database.windows.net",
    },
  };
}

/** The clouds: 2019-05-01 returns a list, 2022-09-01 the one cloud (as az and azure-native read them). */
function getCloudMetadata(request: Request, tenant: Tenant): Response {
  const body = cloud(request, tenant);
  const isList = (request.query.get("api-version") ?? "") < "2022";
  return { status: 200, body: isList ? [body] : body };
}

/** Entra's instance discovery: the host names of the cloud. */
const discoverInstance = (request: Request, { tenantId }: Tenant): Response => ({
  status: 200,
  body: {
    tenant_discovery_endpoint: `https://${authorityOf(request)}/${tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: LOGIN_HOST, preferred_cache: LOGIN_HOST_LEGACY, aliases: ALIASES }],
  },
});

/** OpenID Connect Discovery 1.0, in the versions of Entra's endpoints. */
function getOpenIdConfiguration(request: Request, version: "v1" | "v2", deps: EntraDependencies): Response {
  checkTenant(request, deps);
  const { tenant } = deps.tokens;
  const base = `https://${authorityOf(request)}/${request.params.tenant ?? tenant.tenantId}`;
  const path = version === "v2" ? "/oauth2/v2.0" : "/oauth2";
  const body = {
    token_endpoint: `${base}${path}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `https://${authorityOf(request)}/${tenant.tenantId}/discovery${version === "v2" ? "/v2.0" : ""}/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: version === "v2" ? `https://${authorityOf(request)}/${tenant.tenantId}/v2.0` : issuerOf(tenant),
    authorization_endpoint: `${base}${path}/authorize`,
    device_authorization_endpoint: `${base}${path}/devicecode`,
    tenant_region_scope: "EU",
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
  };
  return { status: 200, body };
}

/** The key that signs access tokens, as a JSON Web Key Set (RFC 7517). */
function getSigningKeys(request: Request, deps: EntraDependencies): Response {
  checkTenant(request, deps);
  const { kid, modulus, exponent } = deps.tokens.key;
  const key = { kty: "RSA", use: "sig", alg: "RS256", kid, x5t: kid, n: modulus, e: exponent };
  return { status: 200, body: { keys: [key] } };
}

/** The metadata that clients read before they sign in: cloud metadata, Entra's instance discovery, OpenID Connect Discovery 1.0. */
export function discoveryOperations(deps: EntraDependencies): Operation[] {
  const { tenant } = deps.tokens;
  const get = (name: string, path: string, handle: Operation["handle"]): Operation => ({
    name,
    method: "GET",
    path,
    handle,
  });
  return [
    get("CloudMetadata", "/metadata/endpoints", (request) => getCloudMetadata(request, tenant)),
    get("InstanceDiscovery", "/common/discovery/instance", (request) => discoverInstance(request, tenant)),
    get("OpenIdConfiguration", "/:tenant/v2.0/.well-known/openid-configuration", (request) =>
      getOpenIdConfiguration(request, "v2", deps),
    ),
    get("OpenIdConfiguration_V1", "/:tenant/.well-known/openid-configuration", (request) =>
      getOpenIdConfiguration(request, "v1", deps),
    ),
    get("Keys", "/:tenant/discovery/v2.0/keys", (request) => getSigningKeys(request, deps)),
    get("Keys_V1", "/:tenant/discovery/keys", (request) => getSigningKeys(request, deps)),
  ];
}
