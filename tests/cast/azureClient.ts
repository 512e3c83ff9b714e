import { readFileSync } from "node:fs";
import { ProxyAgent, request } from "undici";
import type { Ready } from "../../emulator/contract/ready";

/** A response: header names in lower case, the body parsed where it is JSON. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** What a request carries beside its method and URL. */
export interface Extras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: a token for ARM; `null` sends none. */
  readonly bearer?: string | null;
}

/** A client that reaches Azure's names through the proxy and does not retry, so that a test sees every response. */
export interface AzureClient {
  send(method: string, url: string, extras?: Extras): Promise<WireResponse>;
  /** As above at management.azure.com, below the subscription, with an api-version unless the path has one. */
  arm(method: string, path: string, extras?: Extras): Promise<WireResponse>;
  /** Signs in for a scope and returns the access token. */
  token(scope: string): Promise<string>;
  close(): Promise<void>;
}

const VERSION = "2023-06-30";

/** A client of a running local Azure. */
export function azureClient(ready: Ready): AzureClient {
  const ca = readFileSync(ready.caFile, "utf8");
  const dispatcher = new ProxyAgent({ uri: ready.proxyUrl, requestTls: { ca } });
  let armToken: Promise<string> | undefined;

  async function plain(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<WireResponse> {
    const response = await request(url, {
      dispatcher,
      method: method as "GET",
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.body.text();
    const isJson = String(response.headers["content-type"] ?? "").includes("json") && text !== "";
    return { status: response.statusCode, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  async function token(scope: string): Promise<string> {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: ready.clientId,
      client_secret: ready.clientSecret,
      scope,
    });
    const url = `https://login.microsoftonline.com/${ready.tenantId}/oauth2/v2.0/token`;
    const { status, body } = await plain(
      "POST",
      url,
      { "content-type": "application/x-www-form-urlencoded" },
      `${form}`,
    );
    if (status !== 200) throw new Error(`no token: ${status} ${JSON.stringify(body)}`);
    return (body as { access_token: string }).access_token;
  }

  async function send(method: string, url: string, { headers = {}, body, bearer }: Extras = {}): Promise<WireResponse> {
    armToken ??= token("https://management.azure.com/.default");
    const authorization: Record<string, string> =
      bearer === null ? {} : { authorization: `Bearer ${bearer ?? (await armToken)}` };
    const json: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return plain(method, url, { ...authorization, ...json, ...headers }, text);
  }

  return {
    send,
    arm: (method, path, extras) => {
      const version = path.includes("api-version=") ? "" : `${path.includes("?") ? "&" : "?"}api-version=${VERSION}`;
      const url = `https://management.azure.com/subscriptions/${ready.subscriptionId}${path}${version}`;
      return send(method, url, extras);
    },
    token,
    close: () => dispatcher.close(),
  };
}
