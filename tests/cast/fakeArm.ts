import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A received request; tests compare sequences of them. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | null;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: unknown;
}

/** A response of a test in place of the fake's own. */
export interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

type Resource = Record<string, unknown> & { properties?: Record<string, unknown> };

/**
 * A small ARM behind a CONNECT proxy, at Azure's own names. It stores resources and records every request, so that tests
 * can check a client's request sequence. Long-running operations end at the first poll.
 */
export class FakeArm {
  readonly requests: Arrived[] = [];
  readonly resources = new Map<string, Resource>();
  /** The number of token requests. */
  tokens = 0;
  /** Called for every ARM request; undefined selects the fake's own response. */
  script: (request: Arrived) => Scripted | undefined = () => undefined;

  private constructor(
    readonly proxyUrl: string,
    readonly caFile: string,
    readonly close: () => Promise<void>,
  ) {}

  /** Starts the fake with a CA of its own, made by the openssl program. */
  static async start(): Promise<FakeArm> {
    const folder = mkdtempSync(join(tmpdir(), "fake-arm-"));
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const names = "DNS:management.azure.com,DNS:login.microsoftonline.com";
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=fake CA");
    openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      "leaf.key",
      "-out",
      "leaf.pem",
      "-days",
      "2",
      "-subj",
      "/CN=fake",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-addext",
      `subjectAltName=${names}`,
      "-addext",
      "basicConstraints=critical,CA:FALSE",
    );
    const tls = createTlsServer({
      key: readFileSync(join(folder, "leaf.key")),
      cert: readFileSync(join(folder, "leaf.pem")),
    });
    const sockets = new Set<Socket>();
    const proxy = createServer((_, response) => response.writeHead(400).end());
    proxy.on("connect", (_, socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      tls.emit("connection", socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const fake = new FakeArm(`http://127.0.0.1:${port}`, join(folder, "ca.pem"), async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    });
    tls.on("request", (request, response) => void fake.#serve(request, response));
    return fake;
  }

  /** The environment of a client that reaches this fake and nothing else. */
  get environment(): Record<string, string> {
    return {
      HTTPS_PROXY: this.proxyUrl,
      NO_PROXY: "127.0.0.1,localhost",
      NODE_EXTRA_CA_CERTS: this.caFile,
      ARM_TENANT_ID: "00000000-0000-4000-8000-000000000001",
      ARM_SUBSCRIPTION_ID: "00000000-0000-4000-8000-000000000002",
      ARM_CLIENT_ID: "00000000-0000-4000-8000-000000000003",
      ARM_CLIENT_SECRET: "secret",
    };
  }

  /** `METHOD /path` of everything that arrived at ARM since the last call, IDs in short form. */
  take(): string[] {
    const taken = this.requests.splice(0).map(({ method, path }) => `${method} ${path}`);
    return taken.map((line) => line.replace(/\/subscriptions\/[^/]+/i, "").replace("/providers/Microsoft.Devices", ""));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const url = new URL(incoming.url ?? "/", `https://${incoming.headers.host}`);
    if (url.hostname === "login.microsoftonline.com") {
      this.tokens += 1;
      return respond(response, token(url));
    }
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const { method = "GET", headers } = incoming;
    const arrived = { method, path: url.pathname, apiVersion: url.searchParams.get("api-version"), headers, body };
    this.requests.push(arrived);
    respond(response, this.script(arrived) ?? this.#own(arrived));
  }

  #own({ method, path, body }: Arrived): Scripted {
    const key = path.toLowerCase();
    if (key.includes("/operationresults/")) return { status: 200, body: { status: "Succeeded" } };
    if (method === "POST") return { status: 200, body: keys(key) };
    const found = this.resources.get(key);
    if (method === "GET") return found ? { status: 200, body: masked(found) } : missing(path);
    if (method === "DELETE") {
      if (!found) return missing(path);
      for (const id of this.resources.keys()) if (id.startsWith(key)) this.resources.delete(id);
      return { status: 202, headers: operation(path) };
    }
    const stored = asStored(path, body as Resource, found);
    this.resources.set(key, stored);
    const isLong = /\/(iothubs|provisioningservices)\/[^/]+$/.test(key);
    return { status: found ? 200 : 201, body: stored, ...(isLong && { headers: operation(path) }) };
  }
}

function respond(response: ServerResponse, { status, headers, body }: Scripted): void {
  response.writeHead(status, { ...(body !== undefined && { "content-type": "application/json" }), ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

const missing = (path: string): Scripted => ({
  status: 404,
  body: { error: { code: "ResourceNotFound", message: `The Resource '${path}' was not found.` } },
});

const operation = (path: string): Record<string, string> => ({
  "azure-asyncoperation": `https://management.azure.com${path.split("/").slice(0, 3).join("/")}/operationresults/1?api-version=2023-06-30`,
});

function asStored(path: string, body: Resource, found: Resource | undefined): Resource {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  const type = segments.at(-2)?.toLowerCase();
  const given = body.properties ?? {};
  const own: Record<string, Record<string, unknown>> = {
    iothubs: {
      hostName: `${name}.azure-devices.net`,
      state: "Active",
      eventHubEndpoints: { events: { partitionCount: 4 } },
    },
    provisioningservices: {
      idScope: "0ne00A1B2C3",
      serviceOperationsHostName: `${name}.azure-devices-provisioning.net`,
      deviceProvisioningHostName: "global.azure-devices-provisioning.net",
      allocationPolicy: "Hashed",
    },
    certificates: { thumbprint: "97388663", isVerified: false },
  };
  const version = Number((found?.etag as string | undefined)?.slice(1) ?? 0) + 1;
  return {
    ...body,
    id: path.replace(/resourcegroups/i, "resourceGroups"),
    name,
    type: `Microsoft.Devices/${segments.at(-2)}`,
    etag: `e${version}`,
    properties: { provisioningState: "Succeeded", ...own[type ?? ""], ...given },
  };
}

/** A connection string is read back masked, and access policies are not read back at all, as Azure does it. */
function masked(resource: Resource): Resource {
  const text = JSON.stringify(resource).replace(/SharedAccessKey=[^;"]*/g, "SharedAccessKey=****");
  const copy = JSON.parse(text) as Resource;
  delete copy.properties?.authorizationPolicies;
  return copy;
}

function keys(path: string): unknown {
  const one = {
    keyName: "iothubowner",
    primaryKey: "cHJpbWFyeS1rZXk=",
    secondaryKey: "c2Vjb25kYXJ5",
    rights: "ServiceConnect",
  };
  return /keys\/[^/]+\/listkeys$/.test(path) ? one : { value: [one] };
}

function token(url: URL): Scripted {
  if (!url.pathname.endsWith("/oauth2/v2.0/token")) return { status: 404, body: {} };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { oid: "11111111-2222-3333-4444-555555555555", appid: "app", tid: "tenant" };
  const jwt = `${part({ alg: "none" })}.${part(claims)}.${part("signature")}`;
  return { status: 200, body: { token_type: "Bearer", expires_in: 3599, access_token: jwt } };
}
