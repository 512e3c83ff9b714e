import { TENANT } from "../../cast/armHarness";
import type { ConformanceRequest, ConformanceRow, Form } from "./conformanceRow";

const JS = "azure-sdk-for-js, recordings of sdk/*/recordings/node, POST /oauth2/v2.0/token:";
const FORM = {
  grant_type: "client_credentials",
  client_id: TENANT.clientId,
  client_secret: TENANT.clientSecret,
  scope: "https://management.azure.com/.default",
};
const V2 = `/${TENANT.tenantId}/oauth2/v2.0/token`;
const V1 = `/${TENANT.tenantId}/oauth2/token`;
const UNKNOWN = "00000000-0000-4000-a000-000000000001";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A request for a token; what is undefined is left out. */
function token(change: Readonly<Record<string, string | undefined>>, path = V2): ConformanceRequest {
  const form = Object.entries({ ...FORM, ...change }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    method: "POST",
    path,
    apiVersion: "",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `${new URLSearchParams(form)}`,
  };
}
const discovery = (path: string, query?: string): ConformanceRequest => ({
  method: "GET",
  path,
  apiVersion: "",
  query,
});

/** Entra's error: its members, its number in the description, in `error_codes` and in the address that explains it. */
const refusal = (error: string, code: number, description = ""): Record<string, Form> => ({
  error: { is: error },
  error_codes: { is: [code] },
  error_description: new RegExp(
    `^AADSTS${code}: .*${description}.* Trace ID: .* Correlation ID: .* Timestamp: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ$`,
  ),
  timestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/,
  trace_id: GUID,
  correlation_id: GUID,
  error_uri: { is: `https://login.microsoftonline.com/error?code=${code}` },
});

const UNCACHED: Record<string, Form> = { "cache-control": /^no-store, no-cache$/, pragma: /^no-cache$/ };

/** Entra ID: tokens, their refusals, discovery. */
export const SIGN_IN_ROWS: readonly ConformanceRow[] = [
  {
    name: "token of a secret",
    source: "azure-sdk-for-python, azure-keyvault-keys, tests/recordings: POST /oauth2/v2.0/token",
    request: token({}),
    status: 200,
    properties: {
      token_type: /^Bearer$/,
      expires_in: { is: 3599 },
      ext_expires_in: { is: 3599 },
      expires_on: "absent",
      access_token: /^[\w-]+\.[\w-]+\.[\w-]+$/,
      refresh_token: "absent",
    },
    headers: UNCACHED,
  },
  {
    name: "token request with a wrong secret",
    source: "Azure-Samples and azure-arc documentation, HTTP 401 with AADSTS7000215",
    request: token({ client_secret: "wrong" }),
    status: 401,
    properties: refusal("invalid_client", 7000215, "Invalid client secret provided"),
  },
  {
    name: "token request without a credential",
    source: `${JS} AADSTS7000216`,
    request: token({ client_secret: undefined }),
    status: 401,
    properties: refusal("invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required"),
    headers: UNCACHED,
  },
  {
    name: "token request without a credential and without a client, at an unknown tenant",
    source: `${JS} AADSTS7000216`,
    request: token({ client_secret: undefined, client_id: undefined }, "/undefined/oauth2/v2.0/token"),
    status: 401,
    properties: refusal("invalid_client", 7000216),
  },
  {
    name: "token request of an unknown application",
    source: "secrets-store-csi-driver-provider-azure, troubleshooting: AADSTS700016",
    request: token({ client_id: UNKNOWN }),
    status: 400,
    properties: refusal(
      "unauthorized_client",
      700016,
      `Application with identifier '${UNKNOWN}' was not found in the directory`,
    ),
  },
  {
    name: "token request at an unknown tenant",
    source: `${JS} AADSTS90002`,
    request: token({}, `/${UNKNOWN}/oauth2/v2.0/token`),
    status: 400,
    properties: refusal("invalid_request", 90002, `Tenant '${UNKNOWN}' not found`),
    headers: UNCACHED,
  },
  {
    name: "OpenID configuration of an unknown tenant",
    source: "azure-sdk-for-js recordings, GET /v2.0/.well-known/openid-configuration: AADSTS90002",
    request: discovery(`/${UNKNOWN}/v2.0/.well-known/openid-configuration`),
    status: 400,
    properties: refusal("invalid_tenant", 90002, `Tenant '${UNKNOWN}' not found`),
  },
  ...(["grant_type", "client_id"] as const).map((name) => ({
    name: `token request without ${name}`,
    source: "microsoftgraph/microsoft-graph-docs-contrib#1369, openid/AppAuth-iOS#671: AADSTS900144",
    request: token({ [name]: undefined }),
    status: 400,
    properties: refusal("invalid_request", 900144, `following parameter: '${name}'`),
  })),
  {
    name: "token request without a scope",
    source: "azure-sdk-for-cpp, TokenCredentialImpl AuthErrorResponse; ctron/oidc-cli#7",
    request: token({ scope: undefined }),
    status: 400,
    properties: refusal("invalid_request", 90014, "The required field 'scope' is missing"),
  },
  {
    name: "token request with the scope of a user",
    source: "ctron/oidc-cli#7: AADSTS1002012",
    request: token({ scope: "openid" }),
    status: 400,
    properties: refusal("invalid_scope", 1002012, "scope openid is not valid"),
  },
  {
    name: "token request for an unknown resource",
    source: "elastic/integrations, Microsoft Defender: AADSTS500011",
    request: token({ scope: "https://example.com/.default" }),
    status: 400,
    properties: refusal("invalid_resource", 500011, "The resource principal named https://example.com was not found"),
  },
  {
    name: "token request with another grant",
    source: "guess: the number and the name are quoted in public, the status is RFC 6749's",
    request: token({ grant_type: "client_credentials1" }),
    status: 400,
    properties: refusal("unsupported_grant_type", 70003),
  },
  {
    name: "token of v1, with a resource",
    source: "Azure documentation, v1.0 client credentials; public transcripts of POST /oauth2/token",
    request: token({ scope: undefined, resource: "https://management.azure.com/" }, V1),
    status: 200,
    properties: {
      token_type: /^Bearer$/,
      expires_in: { is: "3599" },
      ext_expires_in: { is: "3599" },
      expires_on: /^\d{10}$/,
      not_before: /^\d{10}$/,
      resource: { is: "https://management.azure.com/" },
      access_token: "string",
    },
  },
  ...(["v2.0/", ""] as const).map((version) => ({
    name: `OpenID configuration of ${version === "" ? "v1" : "v2.0"}`,
    source: "azure-sdk-for-python, azure-keyvault-keys, tests/recordings: GET /.well-known/openid-configuration",
    request: discovery(`/${TENANT.tenantId}/${version}.well-known/openid-configuration`),
    status: 200,
    properties: {
      token_endpoint: new RegExp(`/${TENANT.tenantId}/oauth2/${version}token$`),
      authorization_endpoint: new RegExp(`/${TENANT.tenantId}/oauth2/${version}authorize$`),
      jwks_uri: "string" as const,
      issuer: version === "" ? new RegExp(`^https://sts.windows.net/${TENANT.tenantId}/$`) : /\/v2\.0$/,
      cloud_instance_name: /^microsoftonline\.com$/,
      tenant_region_scope: "string" as const,
    },
  })),
  {
    name: "instance discovery",
    source: "azure-sdk-for-python, azure-keyvault-keys, tests/recordings: GET /common/discovery/instance",
    request: discovery("/common/discovery/instance", "api-version=1.1"),
    status: 200,
    properties: {
      tenant_discovery_endpoint: /\/v2\.0\/\.well-known\/openid-configuration$/,
      "api-version": /^1\.1$/,
      "metadata.0.preferred_network": /^login\.microsoftonline\.com$/,
      "metadata.0.preferred_cache": /^login\.windows\.net$/,
      "metadata.0.aliases": "array",
    },
  },
];
