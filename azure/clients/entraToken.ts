/**
 * Requests for tokens at Microsoft Entra ID and at a managed identity's endpoint, over the SDK's pipeline. `@azure/identity`
 * does the same with 41 MB of packages, most of them for browsers (docs/decisions/0027).
 */
import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/core-auth";
import { LOGIN_HOST } from "../hosts";

/** A sign-in that Entra, a managed identity or az refused. Its name is that of `@azure/identity`. */
export class SignInError extends Error {
  override readonly name = "AuthenticationError";
}

/** What a token is requested with. */
export interface TokenRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form by POST; without it the request is a GET. */
  readonly form?: Readonly<Record<string, string>>;
  /** Default 3. */
  readonly maxRetries?: number | undefined;
}

/** Tokens are renewed this long before they expire, as the SDKs do. */
const RENEWAL_MS = 300_000;

/** A credential that keeps each scope's token, and sends one request for callers that ask together. */
export function cachedCredential(
  request: (scope: string, options: GetTokenOptions | undefined) => Promise<AccessToken>,
): TokenCredential {
  const tokens = new Map<string, Promise<AccessToken>>();
  return {
    async getToken(scopes, options) {
      const scope = typeof scopes === "string" ? scopes : (scopes[0] ?? "");
      const kept = options?.claims === undefined ? tokens.get(scope) : undefined;
      if (kept !== undefined) {
        const known = await kept;
        if (known.expiresOnTimestamp - Date.now() > RENEWAL_MS) return known;
        // Another caller may renew it already.
        const renewed = tokens.get(scope);
        if (renewed !== undefined && renewed !== kept) return renewed;
      }
      const requested = request(scope, options);
      tokens.set(scope, requested);
      requested.catch(() => {
        if (tokens.get(scope) === requested) tokens.delete(scope);
      });
      return requested;
    },
  };
}

/** The token endpoint of a tenant; `AZURE_AUTHORITY_HOST` names another cloud's. Errors: SignInError for what is no tenant. */
export function tokenUrl(tenantId: string, env: NodeJS.ProcessEnv = process.env): string {
  if (!/^[a-z0-9.-]+$/i.test(tenantId)) {
    throw new SignInError(
      "the tenant is neither an ID nor a domain name.\n  To fix: correct ARM_TENANT_ID or AZURE_TENANT_ID",
    );
  }
  const authority = env.AZURE_AUTHORITY_HOST ?? `https://${LOGIN_HOST}`;
  return `${authority.replace(/\/$/, "")}/${tenantId}/oauth2/v2.0/token`;
}

/** Sends a request for a token. Errors: SignInError with the refusal, RestError without a response. */
export async function requestToken({ url, headers, form, maxRetries }: TokenRequest): Promise<AccessToken> {
  const rest = require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  const request = rest.createPipelineRequest({
    url,
    method: form === undefined ? "GET" : "POST",
    headers: rest.createHttpHeaders({
      Accept: "application/json",
      ...(form && { "Content-Type": "application/x-www-form-urlencoded" }),
      ...headers,
    }),
    body: form && new URLSearchParams(form).toString(),
    // A machine's identity has an address without TLS.
    allowInsecureConnection: form === undefined,
  });
  const pipeline = rest.createPipelineFromOptions({ retryOptions: { maxRetries } });
  const { status, bodyAsText } = await pipeline.sendRequest(rest.createDefaultHttpClient(), request);
  const body = parsed(bodyAsText ?? "");
  const { access_token: token, expires_in: seconds, expires_on: at } = body;
  if (status === 200 && typeof token === "string" && token !== "") {
    const expiresOnTimestamp = seconds === undefined ? Number(at) * 1000 : Date.now() + Number(seconds) * 1000;
    return { token, expiresOnTimestamp };
  }
  const said = [body.error_description, body.message, body.error].find((each) => typeof each === "string");
  throw new SignInError(String(said ?? `${new URL(url).host} returned ${status} and no token`));
}

/** The response, if it is an object. Its text is never quoted: it could be a token. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** The resource that a scope belongs to: `https://management.azure.com/.default` is `https://management.azure.com`. */
export const resourceOf = (scope: string): string => scope.replace(/\/\.default$/, "");
