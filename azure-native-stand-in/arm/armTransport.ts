import type { AccessToken, TokenCredential } from "@azure/core-auth";
import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { credentialOf, type SignIn } from "../../azure/clients/signIn";
import { explain } from "../../azure/explain";
import { entraCodeIn } from "../../azure/explainEntra";
import { LOGIN_HOST, VAULT_SUFFIX } from "../../azure/hosts";
import type { Value } from "../../plugin-protocol/propertyValue";
import type { ArmRequest, ArmResponse, Send } from "./armClient";

/** The public cloud's ARM. The local Azure serves the same name, behind `HTTPS_PROXY`. */
export const ARM_ORIGIN = "https://management.azure.com";
const SCOPE = `${ARM_ORIGIN}/.default`;
const VAULT_SCOPE = `https://${VAULT_SUFFIX}/.default`;

/** The scope of the token for an address: ARM, or a vault's data plane; undefined for any other. */
function scopeOf(url: string): string | undefined {
  const { origin, protocol, hostname } = new URL(url);
  if (origin === ARM_ORIGIN) return SCOPE;
  return protocol === "https:" && hostname.endsWith(`.${VAULT_SUFFIX}`) ? VAULT_SCOPE : undefined;
}

/** A failure that no further try mends. */
export class FinalError extends Error {
  override readonly name = "FinalError";
  readonly final = true;
}

/** ARM over the Azure SDK's own pipeline, and the token it uses. */
export interface Transport {
  readonly send: Send;
  /** The token in use, for `getClientConfig`. */
  token(): Promise<AccessToken>;
}

/**
 * Loads the Azure SDK, so that the first request need not wait for it. `require` of the packages' CommonJS takes half the
 * time of an `import()`, which reads hundreds of small modules.
 */
export const loadSdk = () => ({
  rest: require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline"),
  json: require("../../azure/clients/jsonPipeline") as typeof import("../../azure/clients/jsonPipeline"),
  http: require("../../azure/clients/pooledHttp") as typeof import("../../azure/clients/pooledHttp"),
});

/**
 * Builds the transport. The Azure SDK (0.25 s to load) is loaded at the first request, unless that was done ahead. Proxy and trust come from `HTTPS_PROXY` and `NODE_EXTRA_CA_CERTS`.
 */
export function azureTransport(signIn: () => SignIn): Transport {
  let opened: Opened | undefined;
  const sdk = (): Opened => {
    opened ??= openSdk(signIn());
    return opened;
  };
  return {
    async send(request, signal) {
      if (scopeOf(request.url) === undefined) {
        throw new FinalError(`a poll address outside ${ARM_ORIGIN} gets no token: ${new URL(request.url).origin}`);
      }
      return sdk().send(request, signal);
    },
    async token() {
      const token = await sdk()
        .credential.getToken(SCOPE)
        .catch((error: unknown) => {
          throw explained(error);
        });
      if (!token) throw new FinalError("no token from Microsoft Entra ID");
      return token;
    },
  };
}

interface Opened {
  readonly send: Send;
  readonly credential: TokenCredential;
}

function openSdk(signIn: SignIn): Opened {
  const { rest, json, http } = loadSdk();
  // Tries are counted at one place, the ARM client.
  const credential = oneAtATime(credentialOf(signIn, 0));
  // A pipeline keeps the token between requests, so each service keeps its own.
  const pipelines = { arm: json.basePipeline("arm", credential), vault: json.basePipeline("vault", credential) };
  const send: Send = async ({ method, url, body }: ArmRequest, signal) => {
    const headers = rest.createHttpHeaders({ Accept: "application/json" });
    const text = body !== undefined ? JSON.stringify(body) : undefined;
    if (text !== undefined) headers.set("Content-Type", "application/json");
    const request = rest.createPipelineRequest({
      method,
      url,
      headers,
      abortSignal: signal,
      ...(text !== undefined && { body: text }),
    });
    try {
      const pipeline = scopeOf(url) === VAULT_SCOPE ? pipelines.vault : pipelines.arm;
      return responseOf(await pipeline.sendRequest(http.sharedHttp(), request));
    } catch (error) {
      throw explained(error);
    }
  };
  return { send, credential };
}

/** Requests that start together ask for one token, not for one each; the credential itself keeps what it got. */
function oneAtATime(credential: TokenCredential): TokenCredential {
  const asking = new Map<string, Promise<AccessToken | null>>();
  return {
    getToken(scopes, options) {
      if (options?.claims) return credential.getToken(scopes, options);
      const key = String(scopes);
      const pending = asking.get(key) ?? credential.getToken(scopes, options).finally(() => asking.delete(key));
      asking.set(key, pending);
      return pending;
    },
  };
}

function responseOf(response: PipelineResponse): ArmResponse {
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    body: parsed(response.bodyAsText ?? ""),
  };
}

function parsed(text: string): Value {
  if (text === "") return null;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

/** Adds the remedy where the local Azure does not run or does not know the caller; other failures stay and may be tried again. */
function explained(error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  const text = `${failure.message} ${"code" in failure ? String(failure.code) : ""}`;
  if (text.includes("ECONNREFUSED")) {
    return new FinalError(`the local Azure does not respond at ${proxy()}.\n  To fix: npm run local -- start`, {
      cause: failure,
    });
  }
  if (failure.name === "RestError" && "request" in failure && isSignIn(failure.request as { readonly url?: string })) {
    return new FinalError(
      `the sign-in at login.microsoftonline.com got no response through ${proxy()}: ${failure.message}.\n` +
        '  To fix: start the local Azure with npm run local -- start, and load its environment with eval "$(npm run -s env)"',
      { cause: failure },
    );
  }
  // The library names a refusal by Entra in more than one way; Entra's code is in all of them.
  const isRefused = failure.name === "AuthenticationError" || failure.name === "CredentialUnavailableError";
  if (isRefused || entraCodeIn(failure.message) !== undefined) {
    return new FinalError(signInRefused(failure.message), { cause: failure });
  }
  return failure;
}

const isSignIn = (request: { readonly url?: string } | undefined): boolean =>
  request?.url?.startsWith(`https://${LOGIN_HOST}/`) === true;

/** Entra's own words, and what this toolkit knows of its code. */
function signInRefused(message: string): string {
  const refusal = (message.split("\n")[0] ?? message).replace(/ Trace ID: .*$/, "");
  const code = entraCodeIn(refusal);
  if (code === undefined) return refusal;
  const { meaning, remedy } = explain("entra", code, 401);
  return `${refusal}\n  What it means: ${meaning}\n  To fix: ${remedy}`;
}

const proxy = (): string => process.env.HTTPS_PROXY ?? process.env.https_proxy ?? "no proxy (HTTPS_PROXY is not set)";
