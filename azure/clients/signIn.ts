/**
 * The ways in which a program signs in to Azure, and in which order they are looked for: those of azure-native
 * (its auth_azidentity.go), so that one environment serves the engine's plugins and the handlers alike.
 */
import { readFile } from "node:fs/promises";
import type { TokenCredential } from "@azure/core-auth";
import { azureCliToken } from "./azureCli";
import { clientAssertion } from "./clientAssertion";
import { cachedCredential, requestToken, resourceOf, SignInError, type TokenRequest, tokenUrl } from "./entraToken";

/** The audience that Entra asks of federated tokens. */
const EXCHANGE_AUDIENCE = "api://AzureADTokenExchange";

/** What was set, by azure-native's names of its configuration; an empty text is as good as none. */
export interface SignInSettings {
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** PEM with certificate and private key; its password, when the key is encrypted. */
  readonly clientCertificatePath?: string | undefined;
  readonly clientCertificatePassword?: string | undefined;
  readonly useOidc?: string | undefined;
  readonly oidcToken?: string | undefined;
  readonly oidcTokenFilePath?: string | undefined;
  readonly oidcRequestUrl?: string | undefined;
  readonly oidcRequestToken?: string | undefined;
  readonly oidcAudience?: string | undefined;
  readonly useMsi?: string | undefined;
  readonly useDefaultAzureCredential?: string | undefined;
}

/** The environment variable of every setting, as azure-native names it. */
export const SETTING_VARIABLES: Readonly<Record<keyof SignInSettings, readonly string[]>> = Object.freeze({
  tenantId: ["ARM_TENANT_ID"],
  clientId: ["ARM_CLIENT_ID"],
  clientSecret: ["ARM_CLIENT_SECRET"],
  clientCertificatePath: ["ARM_CLIENT_CERTIFICATE_PATH"],
  clientCertificatePassword: ["ARM_CLIENT_CERTIFICATE_PASSWORD"],
  useOidc: ["ARM_USE_OIDC"],
  oidcToken: ["ARM_OIDC_TOKEN"],
  oidcTokenFilePath: ["ARM_OIDC_TOKEN_FILE_PATH"],
  oidcRequestUrl: ["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"],
  oidcRequestToken: ["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
  oidcAudience: ["ARM_OIDC_AUDIENCE"],
  useMsi: ["ARM_USE_MSI"],
  useDefaultAzureCredential: ["ARM_USE_DEFAULT_AZURE_CREDENTIAL"],
});

/** How to sign in. `default` is the chain of the Azure SDKs, `cli` what `az login` left. */
export type SignIn =
  | { readonly way: "default" | "cli"; readonly tenantId?: string }
  | { readonly way: "secret"; readonly tenantId: string; readonly clientId: string; readonly secret: string }
  | {
      readonly way: "certificate";
      readonly tenantId: string;
      readonly clientId: string;
      readonly path: string;
      readonly password?: string;
    }
  | { readonly way: "oidc"; readonly tenantId: string; readonly clientId: string; readonly token: IdTokenSource }
  | { readonly way: "msi"; readonly clientId?: string };

/** Where the token of the identity provider comes from. */
export type IdTokenSource =
  | { readonly token: string }
  | { readonly file: string }
  | { readonly requestUrl: string; readonly requestToken: string; readonly audience: string };

const isOn = (text: string | undefined): boolean => text?.toLowerCase() === "true";

/**
 * The first way that is set: default chain, certificate, secret, OIDC, managed identity, and else the command line's.
 * Throws an Error naming the variables that are missing when a way is set by half.
 */
export function signInOf(settings: SignInSettings): SignIn {
  const need = (...names: readonly (keyof SignInSettings)[]): string[] => {
    const missing = names.filter((name) => !settings[name]).map((name) => SETTING_VARIABLES[name][0]);
    if (missing.length > 0) throw new Error(`${missing.join(", ")} not set; run: eval "$(npm run -s env)"`);
    return names.map((name) => settings[name] ?? "");
  };
  const tenant = settings.tenantId ? { tenantId: settings.tenantId } : {};
  if (isOn(settings.useDefaultAzureCredential)) return { way: "default", ...tenant };
  if (settings.clientCertificatePath) {
    const [tenantId = "", clientId = ""] = need("tenantId", "clientId");
    const password = settings.clientCertificatePassword ? { password: settings.clientCertificatePassword } : {};
    return { way: "certificate", tenantId, clientId, path: settings.clientCertificatePath, ...password };
  }
  if (settings.clientSecret) {
    const [tenantId = "", clientId = ""] = need("tenantId", "clientId");
    return { way: "secret", tenantId, clientId, secret: settings.clientSecret };
  }
  if (isOn(settings.useOidc)) {
    const [tenantId = "", clientId = ""] = need("tenantId", "clientId");
    return { way: "oidc", tenantId, clientId, token: idTokenSource(settings) };
  }
  if (isOn(settings.useMsi)) return { way: "msi", ...(settings.clientId ? { clientId: settings.clientId } : {}) };
  return { way: "cli", ...tenant };
}

function idTokenSource(settings: SignInSettings): IdTokenSource {
  const { oidcToken, oidcTokenFilePath, oidcRequestUrl, oidcRequestToken, oidcAudience } = settings;
  if (oidcToken) return { token: oidcToken };
  if (oidcTokenFilePath) return { file: oidcTokenFilePath };
  if (oidcRequestUrl && oidcRequestToken) {
    return { requestUrl: oidcRequestUrl, requestToken: oidcRequestToken, audience: oidcAudience || EXCHANGE_AUDIENCE };
  }
  throw new Error(
    "ARM_USE_OIDC is set, and no token: set ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH, or (as GitHub Actions does for a job with `permissions: id-token: write`) ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  );
}

/** The settings that an environment holds. */
export function signInSettings(env: NodeJS.ProcessEnv): SignInSettings {
  const entries = Object.entries(SETTING_VARIABLES).map(([name, variables]) => [
    name,
    variables.map((variable) => env[variable]).find((value) => value),
  ]);
  return Object.fromEntries(entries);
}

/**
 * The credential of a way. Only the way `default`, and managed identities of Azure Arc, Service Fabric and Cloud Shell, load
 * `@azure/identity`. `maxRetries`: default 3.
 */
export function credentialOf(signIn: SignIn, maxRetries?: number): TokenCredential {
  switch (signIn.way) {
    case "default":
      return new (sdk().DefaultAzureCredential)({ tenantId: signIn.tenantId, retryOptions: { maxRetries } });
    case "cli":
      return cachedCredential((scope) => azureCliToken(scope, signIn.tenantId));
    case "secret":
      return entraCredential(signIn, maxRetries, () => ({ client_secret: signIn.secret }));
    case "certificate": {
      const { path, password } = signIn;
      return entraCredential(signIn, maxRetries, async () => {
        const pem = await readFile(path, "utf8");
        return bearer(
          clientAssertion(pem, { password, clientId: signIn.clientId, audience: tokenUrl(signIn.tenantId) }),
        );
      });
    }
    case "oidc":
      return entraCredential(signIn, maxRetries, async () => bearer(await idToken(signIn.token)));
    case "msi": {
      const { IMDS_ENDPOINT, IDENTITY_SERVER_THUMBPRINT, MSI_ENDPOINT } = process.env;
      if (IMDS_ENDPOINT ?? IDENTITY_SERVER_THUMBPRINT ?? MSI_ENDPOINT) {
        const options = { retryOptions: { maxRetries } };
        const { ManagedIdentityCredential } = sdk();
        return new ManagedIdentityCredential(
          signIn.clientId === undefined ? options : { ...options, clientId: signIn.clientId },
        );
      }
      return cachedCredential((scope) => requestToken({ ...machineRequest(scope, signIn.clientId), maxRetries }));
    }
  }
}

/** The SDK for sign-in, which a program that needs it installs. */
function sdk(): typeof import("@azure/identity") {
  try {
    return require("@azure/identity") as typeof import("@azure/identity");
  } catch (cause) {
    throw new SignInError("this way to sign in needs @azure/identity.\n  To fix: npm install @azure/identity", {
      cause,
    });
  }
}

/** Client credentials (RFC 6749, 4.4) with a proof that is made for each request. */
function entraCredential(
  { tenantId, clientId }: { readonly tenantId: string; readonly clientId: string },
  maxRetries: number | undefined,
  proof: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>,
): TokenCredential {
  return cachedCredential(async (scope, options) => {
    const claims = options?.claims === undefined ? undefined : { claims: options.claims };
    const form = { client_id: clientId, scope, grant_type: "client_credentials", ...(await proof()), ...claims };
    return requestToken({ url: tokenUrl(tenantId), form, maxRetries });
  });
}

const bearer = (assertion: string) => ({
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: assertion,
});

/** App Service's endpoint for tokens, or a virtual machine's. */
function machineRequest(scope: string, clientId: string | undefined): TokenRequest {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, AZURE_POD_IDENTITY_AUTHORITY_HOST } = process.env;
  const isAppService = IDENTITY_ENDPOINT !== undefined && IDENTITY_HEADER !== undefined;
  const host = AZURE_POD_IDENTITY_AUTHORITY_HOST ?? "http://169.254.169.254";
  const url = new URL(isAppService ? IDENTITY_ENDPOINT : `${host}/metadata/identity/oauth2/token`);
  url.searchParams.set("api-version", isAppService ? "2019-08-01" : "2018-02-01");
  url.searchParams.set("resource", resourceOf(scope));
  if (clientId !== undefined) url.searchParams.set("client_id", clientId);
  return { url: url.href, headers: isAppService ? { "X-IDENTITY-HEADER": IDENTITY_HEADER } : { Metadata: "true" } };
}

/** The token, read or requested at every sign-in, because it is valid for minutes only. Never in errors. */
export async function idToken(source: IdTokenSource): Promise<string> {
  if ("token" in source) return source.token;
  if ("file" in source) {
    return (await readFile(source.file, "utf8")).trim();
  }
  const rest = require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  const url = new URL(source.requestUrl);
  url.searchParams.set("audience", source.audience);
  const headers = { Accept: "application/json", Authorization: `Bearer ${source.requestToken}` };
  const request = rest.createPipelineRequest({
    url: url.href,
    headers: rest.createHttpHeaders(headers),
    // GitHub's address is https; the local Azure's is on the loopback interface.
    allowInsecureConnection: ["127.0.0.1", "localhost"].includes(url.hostname),
  });
  const { status, bodyAsText } = await rest
    .createPipelineFromOptions({})
    .sendRequest(rest.createDefaultHttpClient(), request);
  const token = status === 200 ? tokenIn(bodyAsText ?? "") : undefined;
  if (token !== undefined) return token;
  throw new Error(
    `${url.host} returned ${status} and no token for the request for an OIDC token (ACTIONS_ID_TOKEN_REQUEST_URL)`,
  );
}

/** The token in a response; undefined if there is none. The JSON parser's message is not used: it could quote a token. */
function tokenIn(text: string): string | undefined {
  try {
    const { value } = JSON.parse(text) as { readonly value?: unknown };
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}
