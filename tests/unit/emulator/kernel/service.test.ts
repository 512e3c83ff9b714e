import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, METHODS } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { REASON_HEADER, WireError } from "../../../../emulator/kernel/operation";
import { mountAtFirstRequest, mountService, type ServiceDefinition } from "../../../../emulator/kernel/service";
import { serve } from "../../../cast/served";

const definition: ServiceDefinition = {
  name: "test",
  operations: [{ name: "Put", method: "PUT", path: "/things/:id", handle: ({ body }) => ({ status: 200, body }) }],
  headers: () => ({ "x-test": "here" }),
  notFound: ({ path }) => new WireError(404, { code: `nothing at ${path}` }),
  badBody: () => new WireError(400, { code: "badBody" }),
  internal: () => new WireError(500, { code: "internal" }),
};

describe("a service behind HTTP", () => {
  it("is mounted by its first request, and serves those that come meanwhile", async () => {
    let bodies = 0;
    const counted: ServiceDefinition = {
      ...definition,
      headers: () => {
        bodies += 1;
        return {};
      },
    };
    const failed = (error: unknown) => assert.fail(String(error));
    const service = mountAtFirstRequest(counted, failed);
    const server = createServer(service.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/things/a`;
    const put = async (a: number) => {
      const headers = { "content-type": "application/json", connection: "close" };
      return (await fetch(url, { method: "PUT", headers, body: JSON.stringify({ a }) })).json();
    };
    try {
      assert.deepEqual(await Promise.all([put(1), put(2)]), [{ a: 1 }, { a: 2 }]);
      assert.deepEqual(await put(3), { a: 3 });
      assert.equal(bodies, 3);
    } finally {
      server.close();
    }
  });

  it("ends the connection of a request that finds a service which cannot be mounted, and logs why", async () => {
    const [operation] = definition.operations;
    const twice = { ...definition, operations: operation === undefined ? [] : [operation, operation] };
    const logged: unknown[] = [];
    const service = mountAtFirstRequest(twice, (error) => logged.push(error));
    const server = createServer(service.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await assert.rejects(fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
      assert.match(String(logged[0]), /already declared/);
    } finally {
      server.close();
    }
  });

  it("treats an invalid path as one that does not exist, unless it has an error of its own", async () => {
    const plain = await serve(definition);
    const worded = await serve({ ...definition, badPath: () => new WireError(400, { code: "badPath" }) });
    try {
      const responses = await Promise.all([plain, worded].map(({ send }) => send("PUT", "/things/%zz", {})));
      assert.deepEqual(
        responses.map(({ status, body, headers }) => [status, body, headers["x-test"]]),
        [
          [404, { code: "nothing at /things/%zz" }, "here"],
          [400, { code: "badPath" }, "here"],
        ],
      );
    } finally {
      await Promise.all([plain.close(), worded.close()]);
    }
  });

  it("keeps services with the same routes apart, also while their requests overlap: operations, errors and logs", async () => {
    const failing = (code: string): ServiceDefinition => ({
      ...definition,
      internal: () => new WireError(500, { code }),
      operations: [
        {
          ...{ name: "Put", method: "PUT", path: "/things/:id" },
          async handle() {
            await new Promise(setImmediate);
            throw new Error(code);
          },
        },
      ],
    });
    const logged: string[] = [];
    const services = await Promise.all(
      ["first", "second"].map((code) =>
        mountService(failing(code), (error) => logged.push(`${code}: ${(error as Error).message}`)),
      ),
    );
    const servers = services.map(({ handle }) => createServer(handle).listen(0, "127.0.0.1"));
    try {
      await Promise.all(servers.map((server) => once(server, "listening")));
      const codes = await Promise.all(
        servers.map(async (server) => {
          const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/things/a`;
          const { code } = (await (await fetch(url, { method: "PUT", body: "{}" })).json()) as { code: string };
          return code;
        }),
      );
      assert.deepEqual(
        [codes, logged.sort()],
        [
          ["first", "second"],
          ["first: first", "second: second"],
        ],
      );
    } finally {
      for (const server of servers) server.close().closeAllConnections();
    }
  });

  it("treats a method that no operation has as not found, QUERY without a Content-Type too", async () => {
    const served = await serve(definition);
    try {
      for (const method of ["QUERY", "OPTIONS", "PROPFIND"].filter((each) => METHODS.includes(each))) {
        const { status, body } = await served.send(method, "/things/a");
        assert.deepEqual([status, body], [404, { code: "nothing at /things/a" }], method);
      }
    } finally {
      await served.close();
    }
  });

  it("refuses JSON with a number that no double holds: it would be null in the response", async () => {
    const served = await serve(definition);
    try {
      for (const number of ["1e999", "-1e400", "9".repeat(310)]) {
        const { status, body } = await served.send("PUT", "/things/a", `{"a":${number}}`);
        assert.deepEqual([status, body], [400, { code: "badBody" }], number);
      }
      const { status } = await served.send("PUT", "/things/a", '{"a":1e308,"b":"1e999"}');
      assert.notEqual(status, 400);
    } finally {
      await served.close();
    }
  });

  it("refuses JSON that nests too deep as no JSON", async () => {
    const served = await serve(definition);
    try {
      const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
      const { status, body } = await served.send("PUT", "/things/a", deep);
      assert.deepEqual([status, body], [400, { code: "badBody" }]);
    } finally {
      await served.close();
    }
  });

  it("writes headers in the letters that they have in Azure: clients in C tell them apart", async () => {
    const headers = { etag: '"1"', ContentType: "text/plain", "iothub-app-a": "b" };
    const operations = definition.operations.map((operation) => ({
      ...operation,
      handle: () => ({ status: 200, headers }),
    }));
    const service = await mountService({ ...definition, operations }, (error) => assert.fail(String(error)));
    const server = createServer(service.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    try {
      socket.write("PUT /things/a HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      const received: Buffer[] = [];
      for await (const bytes of socket) received.push(bytes as Buffer);
      const text = Buffer.concat(received).toString();
      for (const line of ['ETag: "1"', "ContentType: text/plain", "iothub-app-a: b", "x-test: here"]) {
        assert.ok(text.includes(`\r\n${line}\r\n`), text);
      }
    } finally {
      server.close();
    }
  });

  it("keeps the reason of a refusal on the response, for the log", async () => {
    const notFound = (): WireError => new WireError(401, {}, { [REASON_HEADER]: "the reason" });
    const service = await mountService({ ...definition, notFound }, () => undefined);
    let logged: unknown;
    const server = createServer((request, response) => {
      response.once("finish", () => {
        logged = response.getHeader(REASON_HEADER);
      });
      service.handle(request, response);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { status, headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/other`);
    assert.deepEqual([status, headers.get(REASON_HEADER), logged], [401, "the reason", "the reason"]);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  it("does not log a client that disconnects mid-body", async () => {
    const errors: unknown[] = [];
    const service = await mountService(definition, (error) => errors.push(error));
    const ended = new Promise<void>((done) => {
      const server = createServer((request, response) => {
        request.once("close", () => setImmediate(() => server.close(() => done())));
        service.handle(request, response);
      });
      server.listen(0, "127.0.0.1", () => {
        const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
        socket.write("PUT /things/a HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{");
        server.once("request", () => socket.destroy());
      });
    });
    await ended;
    assert.deepEqual(errors, []);
  });
});
