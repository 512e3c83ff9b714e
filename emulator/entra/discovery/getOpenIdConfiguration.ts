import type { Operation, Request } from "../../kernel/operation";
import { issuerOf } from "../accessTokens";
import { checkTenant } from "../checkTenant";
import type { EntraDependencies } from "../entraDependencies";
import type { EntraVersion } from "../entraVersion";
import type { Tenant } from "../tenant";
import { authorityOf } from "./clientAuthority";

function openIdConfiguration(
  request: Request,
  tenant: Tenant,
  version: EntraVersion,
): Readonly<Record<string, unknown>> {
  const base = `https://${authorityOf(request)}/${request.params.tenant ?? tenant.tenantId}`;
  const path = version === "v2" ? "/oauth2/v2.0" : "/oauth2";
  return {
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
}

/** OpenID Connect Discovery 1.0. */
export const getOpenIdConfiguration =
  (version: EntraVersion) =>
  (deps: EntraDependencies): Operation => ({
    name: version === "v2" ? "OpenIdConfiguration" : "OpenIdConfiguration_V1",
    method: "GET",
    path: `/:tenant${version === "v2" ? "/v2.0" : ""}/.well-known/openid-configuration`,
    handle(request) {
      checkTenant(request, deps);
      return { status: 200, body: openIdConfiguration(request, deps.tokens.tenant, version) };
    },
  });
