/** JSON over the Azure SDK's pipeline: proxy from the environment, retries, Retry-After, Entra tokens. */
import type { TokenCredential } from "@azure/core-auth";
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type Pipeline,
  proxyPolicy,
} from "@azure/core-rest-pipeline";
import { AzureError, readFailure, UnreachableError } from "./azureError";
import { type JsonService, jsonPipeline } from "./jsonPipeline";

/** What every client needs. */
export interface ClientOptions {
  readonly credential: TokenCredential;
  /** Where requests go; the default is the network. Tests give a named fake. */
  readonly httpClient?: HttpClient;
  /** First delay before a retry in milliseconds; default 1,000. Five times that while a service is Transitioning. */
  readonly retryDelayMs?: number;
}

/** One call. */
export interface JsonRequest {
  readonly method: HttpMethods;
  /** Below the base address, begins with `/`. */
  readonly path: string;
  /** Default: the client's. */
  readonly apiVersion?: string;
  readonly body?: unknown;
  /** An ETag or `*`; sent as it is. */
  readonly ifMatch?: string;
  /** Further headers, by their names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is being done, in the infinitive, for messages. */
  readonly operation: string;
  /** Further statuses that are no failures, for example 404. */
  readonly alsoAccepted?: readonly number[];
}

/** A response with its body parsed; `body` is undefined if there is none. */
export interface JsonResponse {
  readonly status: number;
  readonly body: unknown;
  /** `x-ms-continuation`: what the next page of a query is asked for with. Absent on the last one. */
  readonly continuation?: string;
}

/** Sends calls to one service at one base address. */
export class JsonClient {
  readonly #pipeline: Pipeline;
  readonly #http: HttpClient;

  /** `base` is `https://HOST`, without a slash at the end. */
  constructor(
    private readonly service: JsonService,
    private readonly base: string,
    private readonly apiVersion: string,
    protected readonly options: ClientOptions,
  ) {
    const { credential, retryDelayMs = 1000 } = options;
    this.#http = options.httpClient ?? createDefaultHttpClient();
    this.#pipeline = jsonPipeline({ service, credential, retryDelayMs });
    if (options.httpClient === undefined) this.#pipeline.addPolicy(proxyPolicy());
  }

  /** Sends one request. Throws AzureError for any status neither 2xx nor in `alsoAccepted`, UnreachableError without a response. */
  async send(call: JsonRequest): Promise<JsonResponse> {
    const headers = createHttpHeaders({ accept: "application/json", ...call.headers });
    if (call.body !== undefined) headers.set("content-type", "application/json; charset=utf-8");
    if (call.ifMatch !== undefined) headers.set("if-match", call.ifMatch);
    const request = createPipelineRequest({
      url: `${this.base}${call.path}?api-version=${call.apiVersion ?? this.apiVersion}`,
      method: call.method,
      headers,
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
    });
    const response = await this.#pipeline.sendRequest(this.#http, request).catch((cause: unknown) => {
      throw new UnreachableError(call.operation, new URL(this.base).host, cause);
    });
    const text = response.bodyAsText ?? "";
    const isGood = response.status >= 200 && response.status < 300;
    if (!isGood && !call.alsoAccepted?.includes(response.status)) {
      const failure = readFailure(response.status, text, response.headers.get("iothub-errorcode"));
      throw new AzureError(this.service, call.operation, failure);
    }
    return {
      status: response.status,
      body: isGood && text !== "" ? this.#parse(call, response.status, text) : undefined,
      continuation: response.headers.get("x-ms-continuation"),
    };
  }

  /** Reads what may be absent: undefined for 404. */
  async read<T>(path: string, operation: string): Promise<T | undefined> {
    const { status, body } = await this.send({ method: "GET", path, operation, alsoAccepted: [404] });
    return status === 404 ? undefined : (body as T);
  }

  /** Deletes what has this ETag, or with `*` whatever is there; already gone is success. */
  async remove(path: string, ifMatch: string, operation: string): Promise<void> {
    await this.send({ method: "DELETE", path, ifMatch, operation, alsoAccepted: [404] });
  }

  /** A page of somebody in between, such as a proxy's sign-in, comes with 200 as well. Its text is not quoted: who knows what it is. */
  #parse(call: JsonRequest, status: number, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw new AzureError(this.service, call.operation, { status, said: "the response is not JSON" });
    }
  }
}
