import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { Agent } from "undici";
import { pooledHttp } from "../../../azure/clients/pooledHttp";

describe("the pooled HTTP client", () => {
  let server: Server;
  let pool: Agent;
  let url: string;
  let respond: RequestListener;
  const ports = new Set<number | undefined>();

  before(async () => {
    server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      respond(request, response);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    pool = new Agent({ connections: 1 });
  });

  after(async () => {
    await pool.close();
    await new Promise((done) => server.close(done));
  });

  const send = (path: string, options: { method?: "GET" | "POST" | "DELETE"; body?: string } = {}) =>
    pooledHttp(() => pool).sendRequest(createPipelineRequest({ url: url + path, ...options }));

  const failsWith = (sent: Promise<unknown>, code: string) =>
    assert.rejects(sent, (error: unknown) => {
      assert.ok(error instanceof RestError);
      assert.equal(error.code, code);
      return true;
    });

  it("keeps its connections, and gives status, headers and text", async () => {
    respond = (request, response) => {
      request.resume().once("end", () => response.setHeader("X-Name", "v").end(`${request.method} ${request.url}`));
    };
    for (const method of ["GET", "POST", "DELETE"] as const) {
      const got = await send("/a?b=%20c", { method, ...(method === "POST" ? { body: "{}" } : {}) });
      assert.deepEqual([got.status, got.bodyAsText, got.headers.get("x-name")], [200, `${method} /a?b=%20c`, "v"]);
    }
    assert.equal(ports.size, 1);
  });

  it("sends the body and the headers of the request", async () => {
    respond = (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.once("end", () =>
        response.end(`${request.headers["x-who"]}:${request.headers["content-length"]}:${body}`),
      );
    };
    const request = createPipelineRequest({ url, method: "POST", body: "gr\u00fc\u00dfe" });
    request.headers.set("X-Who", "me");
    const got = await pooledHttp(() => pool).sendRequest(request);
    assert.equal(got.bodyAsText, "me:7:gr\u00fc\u00dfe");
  });

  it("joins the pieces of a body, and the lines of a header", async () => {
    const sign = Buffer.from("\u20ac");
    respond = (_request, response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.setHeader("WWW-Authenticate", ["Bearer a", "Bearer b"]);
      response.writeHead(401);
      // The first byte of a character alone, so that the pieces must be joined before they are read.
      response.write(sign.subarray(0, 1), () => response.end(sign.subarray(1)));
    };
    const got = await send("/");
    assert.deepEqual(
      [got.status, got.headers.get("www-authenticate"), got.bodyAsText],
      [401, "Bearer a, Bearer b", "\u20ac"],
    );
  });

  it("gives an empty text where there is no body", async () => {
    respond = (_request, response) => response.writeHead(204).end();
    const got = await send("/");
    assert.deepEqual([got.status, got.bodyAsText], [204, ""]);
  });

  it("reports ECONNRESET, which the pipeline retries, for a response that breaks off", async () => {
    respond = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    };
    await failsWith(send("/"), "ECONNRESET");
  });

  it("ends an exchange by its signal, before the request and before the response", async () => {
    const stopped = { name: "AbortError", message: "The operation was aborted." };
    const ended = new Promise<void>((done) => {
      respond = (request) => {
        request.socket.once("close", () => done());
        signal.abort();
      };
    });
    const signal = new AbortController();
    const request = () => createPipelineRequest({ url, abortSignal: signal.signal });
    await assert.rejects(pooledHttp(() => pool).sendRequest(request()), stopped);
    await ended;
    let sent = 0;
    respond = (_request, response) => {
      sent += 1;
      response.end();
    };
    await assert.rejects(pooledHttp(() => pool).sendRequest(request()), stopped);
    await send("/");
    assert.equal(sent, 1);
  });

  it("ends an exchange that waits for a connection", async () => {
    const signal = new AbortController();
    const waiting = createPipelineRequest({ url: `${url}/second`, abortSignal: signal.signal });
    const paths: (string | undefined)[] = [];
    const first = new Promise<void>((done) => {
      respond = (request, response) => {
        paths.push(request.url);
        if (request.url !== "/first") return void response.end();
        const second = pooledHttp(() => pool).sendRequest(waiting);
        signal.abort();
        assert.rejects(second, { name: "AbortError" }).then(() => {
          response.end();
          done();
        });
      };
    });
    await send("/first");
    await first;
    await send("/third");
    assert.deepEqual(paths, ["/first", "/third"]);
  });

  it("reports ECONNREFUSED for a closed port", async () => {
    const idle = createServer();
    await new Promise<void>((done) => idle.listen(0, "127.0.0.1", done));
    const { port } = idle.address() as AddressInfo;
    await new Promise((done) => idle.close(done));
    const request = createPipelineRequest({ url: `http://127.0.0.1:${port}/` });
    await failsWith(pooledHttp(() => pool).sendRequest(request), "ECONNREFUSED");
  });
});
