import { readFileSync } from "node:fs";
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { SCOPES } from "../azure/apiVersions";
import { ARM_HOST, LOGIN_HOST } from "../azure/hosts";
import { isObject, type JsonObject } from "../azure/wire/jsonObject";
import { CONTROL_TOKEN_HEADER, type Ready } from "./contract/ready";
import { LOOPBACK } from "./listenOptions";

/** The address at which a process of the same machine reaches listeners on `host`. */
export const localAddress = (host: string): string => {
  if (host === "0.0.0.0") return LOOPBACK;
  return host === "::" ? "::1" : host;
};

interface Exchange extends RequestOptions {
  readonly body?: object | string;
}

/** A response of the local Azure that is no success. */
export class LocalRefusal extends Error {
  override readonly name = "LocalRefusal";

  constructor(
    readonly status: number,
    request: Exchange,
    text: string,
  ) {
    super(`The local Azure refuses ${request.method} ${request.path?.split("?")[0]}: ${text}`);
  }
}

/** Requests to a local Azure from the machine that it runs on, past every proxy. */
export class LocalClient {
  #token: Promise<string> | undefined;

  /** `host`: the address of its listeners. */
  constructor(
    readonly ready: Ready,
    private readonly host: string = LOOPBACK,
  ) {}

  /** A request to the control listener. Errors: LocalRefusal for every status but 2xx. */
  async control(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
    const headers = { [CONTROL_TOKEN_HEADER]: this.ready.controlToken, host: LOOPBACK };
    const { port } = new URL(this.ready.controlUrl);
    const request = { method, path, port, host: this.#address, headers, body };
    const { status, text } = await exchange(httpRequest, request);
    if (status >= 300) throw new LocalRefusal(status, request, text);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** A request to Azure Resource Manager as the application. Errors: LocalRefusal for every status but 2xx. */
  async arm(method: "GET" | "PUT" | "POST", path: string, body?: object): Promise<JsonObject> {
    this.#token ??= this.#signIn();
    const headers = { authorization: `Bearer ${await this.#token}` };
    return this.#azure(ARM_HOST, { method, path, headers, body });
  }

  async #signIn(): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.ready;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: SCOPES.arm,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const path = `/${tenantId}/oauth2/v2.0/token`;
    const response = await this.#azure(LOGIN_HOST, { method: "POST", path, headers, body: form.toString() });
    return String(response.access_token);
  }

  async #azure(name: string, request: Exchange): Promise<JsonObject> {
    const { status, text } = await exchange(httpsRequest as typeof httpRequest, {
      ...request,
      ...{ host: this.#address, port: this.ready.metadataHost.split(":").at(-1), servername: name },
      ...{ ca: readFileSync(this.ready.caFile) },
      headers: { ...(request.headers as object), host: name },
    });
    if (status >= 300) throw new LocalRefusal(status, request, text);
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return isObject(body) ? body : {};
  }

  get #address(): string {
    return localAddress(this.host);
  }
}

function exchange(
  send: typeof httpRequest,
  { body, headers, ...options }: Exchange,
): Promise<{ readonly status: number; readonly text: string }> {
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const json = typeof body === "object" ? { "content-type": "application/json" } : {};
  return new Promise((done, fail) => {
    const all = { ...options, agent: false, headers: { ...json, ...(headers as object) } };
    const call = send(all, (response) => {
      let received = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        received += chunk;
      });
      response.once("error", fail);
      response.once("end", () => done({ status: response.statusCode ?? 0, text: received }));
    });
    call.once("error", fail);
    call.end(text);
  });
}
