import { ARM_HOST, LOGIN_HOST, LOGIN_HOST_LEGACY, VAULT_SUFFIX } from "../../azure/hosts";
import type { Call, Operation } from "../kernel/call";
import { issuerOf } from "./accessToken";
import type { SigningKey } from "./signingKey";
import type { Tenant } from "./tenant";

/** Host and port under which the client came, so that what it is told to call is reached the same way. */
const authority = (call: Call): string => call.headers.host ?? LOGIN_HOST;

/** Whether the client reached the local Azure under Azure's own name (through the proxy) or at its own address. */
const isOwnAddress = (call: Call): boolean => /^(127\.0\.0\.1|localhost)$/.test(call.host);

function openIdConfiguration(call: Call, tenant: Tenant, version: "v1" | "v2"): Readonly<Record<string, unknown>> {
  const base = `https://${authority(call)}/${call.params.tenant ?? tenant.tenantId}`;
  const path = version === "v2" ? "/oauth2/v2.0" : "/oauth2";
  return {
    token_endpoint: `${base}${path}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `https://${authority(call)}/${tenant.tenantId}/discovery${version === "v2" ? "/v2.0" : ""}/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: version === "v2" ? `https://${authority(call)}/${tenant.tenantId}/v2.0` : issuerOf(tenant),
    authorization_endpoint: `${base}${path}/authorize`,
    device_authorization_endpoint: `${base}${path}/devicecode`,
    tenant_region_scope: "EU",
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
  };
}

/** The description of a cloud, as `az cloud` and azure-native read it. */
function cloud(call: Call, tenant: Tenant): Readonly<Record<string, unknown>> {
  const own = isOwnAddress(call);
  const arm = `https://${own ? authority(call) : ARM_HOST}/`;
  return {
    name: "AzureCloud",
    portal: "https://portal.azure.com",
    authentication: {
      loginEndpoint: `https://${own ? authority(call) : LOGIN_HOST}/`,
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
export function discovery(tenant: Tenant, key: SigningKey, checkTenant: (call: Call) => void): Operation[] {
  const get = (name: string, path: string, body: (call: Call) => unknown): Operation => ({
    name,
    method: "GET",
    path,
    handle: (call) => ({ status: 200, body: body(call) }),
  });
  const inTenant = (body: (call: Call) => unknown) => (call: Call) => {
    checkTenant(call);
    return body(call);
  };
  const keys = () => ({
    keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: key.kid, x5t: key.kid, n: key.modulus, e: key.exponent }],
  });
  return [
    // 2019-05-01 answers a list of clouds, 2022-09-01 the one cloud (az and azure-native read them so).
    get("CloudMetadata", "/metadata/endpoints", (call) =>
      (call.query.get("api-version") ?? "") < "2022" ? [cloud(call, tenant)] : cloud(call, tenant),
    ),
    get("InstanceDiscovery", "/common/discovery/instance", (call) => ({
      tenant_discovery_endpoint: `https://${authority(call)}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: LOGIN_HOST, preferred_cache: LOGIN_HOST_LEGACY, aliases: ALIASES }],
    })),
    get(
      "OpenIdConfiguration",
      "/:tenant/v2.0/.well-known/openid-configuration",
      inTenant((call) => openIdConfiguration(call, tenant, "v2")),
    ),
    get(
      "OpenIdConfiguration_V1",
      "/:tenant/.well-known/openid-configuration",
      inTenant((call) => openIdConfiguration(call, tenant, "v1")),
    ),
    get("Keys", "/:tenant/discovery/v2.0/keys", inTenant(keys)),
    get("Keys_V1", "/:tenant/discovery/keys", inTenant(keys)),
  ];
}
