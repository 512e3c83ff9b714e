import { LOGIN_HOST } from "../../../azure/hosts";
import { createSas } from "../../../azure/sas";
import { CONTROL_TOKEN_HEADER, type Ready } from "../../../emulator/contract/ready";
import { type FuzzCertificates, type FuzzContext, newCertificates } from "./fuzzContext";
import { BODIES, CONTENT_TYPES, EXTRAS, HOSTS, LEARN, PARAMETERS, QUERIES, SETUP } from "./fuzzCorpus";
import type { FuzzedService, FuzzRoute } from "./fuzzRoutes";
import { azureTarget, listenerPort, type RawHttp, type RawResponse, type Target } from "./rawHttp";

/** A request before it is written as bytes. */
export interface FuzzRequest {
  readonly route: FuzzRoute;
  readonly target: Target;
  readonly method: string;
  /** Percent-encoded segments. */
  readonly segments: readonly string[];
  /** Percent-encoded names and values. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
  /** JSON; text and bytes go as they are. */
  readonly body?: unknown;
}

const bytesOf = (body: unknown): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
};

/** Writes a request as bytes, with the length of its body unless a header says another. */
export function requestBytes({ method, segments, query, headers, body }: FuzzRequest): Buffer {
  const content = bytesOf(body);
  const search = query.map(([name, value]) => `${name}=${value}`).join("&");
  const line = `${method} ${segments.map((segment) => `/${segment}`).join("") || "/"}${search && `?${search}`} HTTP/1.1`;
  const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const length: (readonly [string, string])[] =
    framed || body === undefined ? [] : [["content-length", String(content.length)]];
  const head = [line, ...[...headers, ...length].map(([name, value]) => `${name}: ${value}`)].join("\r\n");
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, "latin1"), content]);
}

/** Whether a device calls an operation, with its certificate. */
const isDeviceOperation = (name: string): boolean => name.startsWith("RuntimeRegistration");

/**
 * A local Azure with one resource of every kind, and a valid request for every route. What responses said (keys, tags,
 * versions) is in `seen`.
 */
export class FuzzWorld implements FuzzContext {
  readonly seen = new Map<string, string>();
  #certificates: FuzzCertificates | undefined;

  constructor(
    readonly ready: Ready,
    readonly http: RawHttp,
    readonly routes: readonly FuzzRoute[],
  ) {}

  get certificates(): FuzzCertificates {
    if (!this.#certificates) throw new Error("the world is not open");
    return this.#certificates;
  }

  /** Empties the local Azure and creates the resources. */
  async restore(): Promise<void> {
    this.#certificates ??= await newCertificates();
    this.seen.clear();
    await this.#control("/faults", { faults: [] });
    await this.#control("/reset", undefined);
    await this.#control("/settings", { throttling: false, realDelays: false, imds: true });
    await this.#signIn();
    for (const [name, parameters] of SETUP) {
      const route = this.routes.find((each) => each.name === name);
      if (!route) throw new Error(`no operation ${name}`);
      const response = await this.sendValid(this.valid(route, parameters));
      if (!response || response.status >= 300) {
        throw new Error(`set-up: ${name} returned ${response?.status} ${response?.body.toString("utf8")}`);
      }
    }
  }

  async #control(path: string, body: object | undefined): Promise<void> {
    const response = await this.send({
      route: { service: "control", name: path, method: "POST", path },
      target: this.#target("control"),
      method: "POST",
      segments: path.slice(1).split("/"),
      query: [],
      headers: this.#headers("control", path),
      body,
    });
    if (!response || response.status >= 300) throw new Error(`${path} returned ${response?.status}`);
  }

  async #signIn(): Promise<void> {
    const { tenantId, clientId, clientSecret } = this.ready;
    const audiences = {
      arm: "https://management.azure.com",
      vault: "https://vault.azure.net",
      graph: "https://graph.microsoft.com",
    };
    for (const [service, audience] of Object.entries(audiences)) {
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${audience}/.default`,
      });
      const response = await this.send({
        route: { service: "entra", name: "Token", method: "POST", path: "" },
        target: this.#target("entra"),
        method: "POST",
        segments: [tenantId, "oauth2", "v2.0", "token"],
        query: [],
        headers: [
          ["host", LOGIN_HOST],
          ["content-type", "application/x-www-form-urlencoded"],
        ],
        body: body.toString(),
      });
      this.seen.set(`token ${service}`, JSON.parse(response?.body.toString("utf8") ?? "{}").access_token);
    }
  }

  #target(service: FuzzedService, isDevice = service === "dpsDevice"): Target {
    if (service === "control") return { port: listenerPort(this.ready.controlUrl) };
    if (service === "machine") return { port: listenerPort(this.ready.machineUrl) };
    if (!isDevice) return azureTarget(this.ready, HOSTS[service]);
    const { devicePem: cert, deviceKey: key } = this.certificates;
    return azureTarget(this.ready, HOSTS[service], { cert, key });
  }

  #headers(service: FuzzedService, name: string): (readonly [string, string])[] {
    const { seen, ready } = this;
    const headers: (readonly [string, string])[] = [
      ["host", service === "control" || service === "machine" ? "127.0.0.1" : HOSTS[service]],
    ];
    const isDevice = isDeviceOperation(name);
    if (service === "arm" || service === "vault" || service === "graph")
      headers.push(["authorization", `Bearer ${seen.get(`token ${service}`)}`]);
    if ((service === "dps" && !isDevice) || service === "hub") {
      const policy = service === "dps" ? "provisioningserviceowner" : "iothubowner";
      const expiry = Math.floor(Date.now() / 1000) + 3600;
      headers.push(["authorization", createSas(HOSTS[service], seen.get(`key ${service}`) ?? "", expiry, policy)]);
    }
    if (service === "machine")
      headers.push(
        ["x-identity-header", ready.identitySecret],
        ["metadata", "true"],
        ["authorization", `Bearer ${ready.identitySecret}`],
      );
    if (service === "control") headers.push([CONTROL_TOKEN_HEADER, ready.controlToken]);
    return headers;
  }

  /** The valid request of a route. */
  valid(route: FuzzRoute, parameters: Readonly<Record<string, string>> = {}): FuzzRequest {
    const { service, method, path } = route;
    const name = route.name.replace(/ \(.*\)$/, "");
    const extras = EXTRAS[route.name] ?? EXTRAS[name];
    const known = { ...PARAMETERS[service](this), ...extras?.parameters?.(this), ...parameters };
    const segments = path
      .slice(1)
      .split("/")
      .map((segment) => (segment.startsWith(":") ? encodeURIComponent(known[segment.slice(1)] ?? "x") : segment));
    const body = BODIES[name]?.(this, known);
    const headers = [...this.#headers(service, name), ...Object.entries(extras?.headers?.(this) ?? {})];
    if (body !== undefined) headers.push(["content-type", CONTENT_TYPES[name] ?? "application/json"]);
    return {
      route,
      target: this.#target(service, isDeviceOperation(name)),
      method,
      segments,
      query: Object.entries({ ...QUERIES[service], ...extras?.query }),
      headers,
      body,
    };
  }

  /** Sends a request as it is. `isWhole`: it is framed as HTTP says. */
  send(request: FuzzRequest, isWhole = true): Promise<RawResponse | undefined> {
    return this.http.send(request.target, request.method, requestBytes(request), isWhole);
  }

  /** Sends a valid request, and notes what later ones need. */
  async sendValid(request: FuzzRequest): Promise<RawResponse | undefined> {
    const response = await this.send(request);
    if (response) this.#learn(request.route, response);
    return response;
  }

  #learn(route: FuzzRoute, { status, headers, body }: RawResponse): void {
    if (status >= 300 || body.length === 0) return;
    const learn = LEARN[route.name];
    if (learn) learn(JSON.parse(body.toString("utf8")), headers, this.seen);
  }
}
