import { Agent, createServer, request } from "node:http";
import { mountService, type ServiceDefinition } from "../../emulator/kernel/service";

/** A response of a served service; the body is parsed where it is JSON. */
export interface ServedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** A service behind plain HTTP on a free port. */
export interface Served {
  /** `body`: an object is sent as JSON, a string unchanged. Headers may name another `host`. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ServedResponse>;
  close(): Promise<void>;
}

/** Serves a service for a test, over connections that stay open. An internal error rejects the request that caused it. */
export async function serve(definition: ServiceDefinition): Promise<Served> {
  const errors: unknown[] = [];
  const service = await mountService(definition, (error) => errors.push(error));
  // No time limit: a connection that ends just as a client uses it again would fail the request.
  const server = createServer({ keepAliveTimeout: 0 }, service.handle);
  const agent = new Agent({ keepAlive: true });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const json = typeof body === "object" ? { "content-type": "application/json" } : {};
        const options = { host: "127.0.0.1", port, method, path, agent, headers: { ...json, ...headers } };
        const call = request(options, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            if (errors.length > 0) return reject(errors.pop());
            const text = Buffer.concat(chunks).toString("utf8");
            const isJson = /json/.test(response.headers["content-type"] ?? "") && text !== "";
            const parsed: unknown = isJson ? JSON.parse(text) : text;
            return resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
          });
        });
        call.on("error", reject);
        call.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
      }),
    async close() {
      agent.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
