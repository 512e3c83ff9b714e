import { ARM_HOST, LOGIN_HOST, LOGIN_HOST_LEGACY, VAULT_SUFFIX } from "../../../azure/hosts";
import type { Operation, Request } from "../../kernel/operation";
import { issuerOf } from "../accessTokens";
import type { SigningKey } from "../signingKey";
import type { Tenant } from "../tenant";

/** Host and port under which the client came, so that what it is told to call is reached the same way. */
const authority = (request: Request): string => request.headers.host ?? LOGIN_HOST;

/** Whether the client reached the local Azure under Azure's own name (through the proxy) or at its own address. */
const isOwnAddress = (request: Request): boolean => /^(127\.0\.0\.1|localhost)$/.test(request.host);

function openIdConfiguration(
  request: Request,
  tenant: Tenant,
  version: "v1" | "v2",
): Readonly<Record<string, unknown>> {
  const base = `https://${authority(request)}/${request.params.tenant ?? tenant.tenantId}`;
  const path = version === "v2" ? "/oauth2/v2.0" : "/oauth2";
  return {
    token_endpoint: `${base}${path}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `https://${authority(request)}/${tenant.tenantId}/discovery${version === "v2" ? "/v2.0" : ""}/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: version === "v2" ? `https://${authority(request)}/${tenant.tenantId}/v2.0` : issuerOf(tenant),
    authorization_endpoint: `${base}${path}/authorize`,
    device_authorization_endpoint: `${base}${path}/devicecode`,
    tenant_region_scope: "EU",
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
  };
}

/** The description of a cloud, as `az cloud` and azure-native read it. */
function cloud(request: Request, tenant: Tenant): Readonly<Record<string, unknown>> {
  const own = isOwnAddress(request);
  const arm = `https://${own ? authority(request) : ARM_HOST}/`;
  return {
    name: "AzureCloud",
    portal: "https://portal.azure.com",
    authentication: {
      loginEndpoint: `https://${own ? authority(request) : LOGIN_HOST}/`,
      audiences: ["https://management.core.windows.net/", "https://management.azure.com/"],
      tenant: own ? tenant.tenantId : "common",
      identityProvider: "AAD",
    },
    resourceManager: arm,
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

const ALIASES = [LOGIN_HOST, LOGIN_HOST_LEGACY, "login.microsoft.com", "sts.windows.net"];

/** What clients ask before they sign in: OpenID Connect Discovery 1.0, Entra's instance discovery, cloud metadata. */
export function discovery(tenant: Tenant, key: SigningKey, checkTenant: (request: Request) => void): Operation[] {
  const get = (name: string, path: string, body: (request: Request) => unknown): Operation => ({
    name,
    method: "GET",
    path,
    handle: (request) => ({ status: 200, body: body(request) }),
  });
  const inTenant = (body: (request: Request) => unknown) => (request: Request) => {
    checkTenant(request);
    return body(request);
  };
  const keys = () => ({
    keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: key.kid, x5t: key.kid, n: key.modulus, e: key.exponent }],
  });
  return [
    // 2019-05-01 answers a list of clouds, 2022-09-01 the one cloud (az and azure-native read them so).
    get("CloudMetadata", "/metadata/endpoints", (request) =>
      (request.query.get("api-version") ?? "") < "2022" ? [cloud(request, tenant)] : cloud(request, tenant),
    ),
    get("InstanceDiscovery", "/common/discovery/instance", (request) => ({
      tenant_discovery_endpoint: `https://${authority(request)}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: LOGIN_HOST, preferred_cache: LOGIN_HOST_LEGACY, aliases: ALIASES }],
    })),
    get(
      "OpenIdConfiguration",
      "/:tenant/v2.0/.well-known/openid-configuration",
      inTenant((request) => openIdConfiguration(request, tenant, "v2")),
    ),
    get(
      "OpenIdConfiguration_V1",
      "/:tenant/.well-known/openid-configuration",
      inTenant((request) => openIdConfiguration(request, tenant, "v1")),
    ),
    get("Keys", "/:tenant/discovery/v2.0/keys", inTenant(keys)),
    get("Keys_V1", "/:tenant/discovery/keys", inTenant(keys)),
  ];
}
