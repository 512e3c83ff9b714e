/**
 * An HTTP client for the SDK's pipeline that keeps its connections, behind a proxy too: the SDK's own opens a tunnel and a
 * TLS session for each request there, which takes longer than a signature.
 */
import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { byProxy } from "./mutualTls";
import { type HttpResponse, TextResponse } from "./textResponse";

/** undici's codes as Node spells them, by which the pipeline knows what to send again. */
const CODES: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: "ECONNRESET",
  UND_ERR_CONNECT_TIMEOUT: "ETIMEDOUT",
  UND_ERR_HEADERS_TIMEOUT: "ETIMEDOUT",
  UND_ERR_BODY_TIMEOUT: "ETIMEDOUT",
};

/** The most connections that are open at once to one host. */
const CONNECTIONS = 16;

/** Dispatchers by the environment's proxy, one for each way. */
const byEnvironment = (): ((host: string) => Dispatcher) =>
  byProxy(process.env, (uri) =>
    uri === undefined ? new Agent({ connections: CONNECTIONS }) : new ProxyAgent({ uri, connections: CONNECTIONS }),
  ).dispatcherFor;

/** The SDK's name of an exchange that its caller's signal ended. */
class AbortError extends Error {
  override readonly name = "AbortError";
}

/** Sends by undici's dispatch, below its streams and async resources, which take as long as the TLS of a small response. */
function exchange(dispatcherFor: (host: string) => Dispatcher, request: PipelineRequest): Promise<HttpResponse> {
  // URL writes host names in lower case.
  const { origin, hostname, pathname, search } = new URL(request.url);
  const options: Dispatcher.DispatchOptions = {
    origin,
    path: pathname + search,
    method: request.method as Dispatcher.HttpMethod,
    headers: request.headers.toJSON({ preserveCase: false }),
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
    ...(typeof request.body === "string" ? { body: request.body } : {}),
  };
  const { abortSignal } = request;
  let abort = (): void => undefined;
  const exchanged = new Promise<HttpResponse>((resolve, reject) => {
    const response = new TextResponse(resolve, reject);
    abort = () => response.abort(new AbortError("The operation was aborted."));
    if (abortSignal?.aborted) abort();
    else dispatcherFor(hostname).dispatch(options, response);
  });
  if (abortSignal === undefined) return exchanged;
  abortSignal.addEventListener("abort", abort);
  return exchanged.finally(() => abortSignal.removeEventListener("abort", abort));
}

/** Takes text bodies. `dispatcherFor` returns the pool for a host; default: by the environment. */
export function pooledHttp(dispatcherFor: (host: string) => Dispatcher = byEnvironment()): HttpClient {
  return {
    async sendRequest(request) {
      try {
        const { status, headers, text } = await exchange(dispatcherFor, request);
        return { request, status, headers: createHttpHeaders(headers), bodyAsText: text };
      } catch (cause) {
        if (cause instanceof AbortError) throw cause;
        const message = cause instanceof Error ? cause.message : String(cause);
        const code = String((cause as { code?: unknown } | undefined)?.code ?? RestError.REQUEST_SEND_ERROR);
        throw new RestError(message, { code: CODES[code] ?? code, request });
      }
    },
  };
}

let shared: HttpClient | undefined;

/** The process's one client by the environment: whoever asks the same service shares its connections. */
export function sharedHttp(): HttpClient {
  shared ??= pooledHttp();
  return shared;
}
