import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect as connectPlain, type Socket } from "node:net";
import { connect } from "node:tls";
import { OpenRequests } from "../../../../emulator/front/openRequests";
import { CONNECTION_LIMITS } from "../../../../emulator/kernel/connectionLimits";
import { type FrontHarness, frontHarness } from "../../../cast/frontHarness";

/** What a slow client leaves half done, each with the limit that ends it. */
describe("the limits of connections", () => {
  const hosts = ["hub-1.azure-devices.net", "management.azure.com"];
  let harness: FrontHarness | undefined;

  afterEach(async () => {
    await harness?.close();
    harness = undefined;
  });

  /** A front with one short limit. */
  async function withLimit(limit: Partial<typeof CONNECTION_LIMITS>): Promise<FrontHarness> {
    harness = await frontHarness((request, response) => void request.resume().once("end", () => response.end("ok")), {
      ...CONNECTION_LIMITS,
      check: 10,
      ...limit,
    });
    return harness;
  }

  /** Waits until the server ends a connection; returns what it sent last. */
  async function ended(socket: Socket): Promise<string> {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    await new Promise((done) => socket.once("close", done));
    return text;
  }

  async function secured({ directPort, ca }: FrontHarness, servername: string, ALPNProtocols?: string[]) {
    const socket = connect({ host: "127.0.0.1", port: directPort, servername, ca, ALPNProtocols });
    await once(socket, "secureConnect");
    return socket;
  }

  it("end a connection without a ClientHello, with half of one, and one that does not go on after it", async () => {
    const { directPort } = await withLimit({ handshake: 50 });
    for (const sent of ["", "16030100", "160301000501000001ff"]) {
      const socket = connectPlain(directPort, "127.0.0.1");
      socket.write(Buffer.from(sent, "hex"));
      await ended(socket);
    }
  });

  it("end a tunnel without a handshake, and a refused one that the client keeps open", async () => {
    const front = await withLimit({ handshake: 50 });
    await ended((await front.tunnel("hub-1.azure-devices.net:443")).socket);
    const refused = connectPlain({ port: front.proxyPort, host: "127.0.0.1", allowHalfOpen: true });
    refused.write("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    refused.on("end", () => undefined);
    await once(refused.resume(), "end");
    // The server has destroyed its side, so that a write of the client fails.
    const timer = setInterval(() => refused.write("x"), 10);
    await ended(refused);
    clearInterval(timer);
  });

  it("end a client without ALPN that sends nothing", async () => {
    harness = await frontHarness(() => undefined, { ...CONNECTION_LIMITS, firstByte: 50 });
    await ended(await secured(harness, "hub-1.azure-devices.net"));
  });

  for (const host of hosts) {
    it(`end slow headers at ${host}, silent ones too`, async () => {
      const front = await withLimit({ headers: 50, request: 100 });
      for (const sent of ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "]) {
        const socket = await secured(front, host, ["http/1.1"]);
        socket.write(sent);
        assert.match(await ended(socket), /^HTTP\/1.1 408 /);
      }
    });

    it(`end a slow body at ${host}`, async () => {
      const front = await withLimit({ headers: 100, request: 100 });
      const socket = await secured(front, host, ["http/1.1"]);
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
      const drip = setInterval(() => socket.write("x"), 20);
      assert.match(await ended(socket), /^HTTP\/1.1 408 /);
      clearInterval(drip);
    });

    it(`end an idle connection at ${host} after its last response`, async () => {
      const front = await withLimit({ keepAlive: 50 });
      const socket = await secured(front, host, ["http/1.1"]);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assert.match(await ended(socket), /^HTTP\/1.1 200 [\s\S]*ok$/);
    });
  }
});

describe("requests in progress", () => {
  it("end with their response, and the next ones close their connection", async () => {
    const open = new OpenRequests();
    const pending: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      open.add(response);
      pending.push(response);
      server.emit("pending");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const socket = connectPlain(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
    const arrived = once(server, "pending");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await arrived;
    let over = false;
    const ended = open.ended(60_000).then(() => {
      over = true;
    });
    await Promise.resolve();
    assert.equal(over, false);
    pending[0]?.end("done");
    const [chunk] = (await once(socket, "data")) as [Buffer];
    assert.match(chunk.toString("latin1"), /connection: close[\s\S]*done$/i);
    await ended;
    socket.destroy();
    server.close();
  });

  it("delay the end no longer than their limit", async () => {
    const open = new OpenRequests();
    await open.ended(60_000);
    const server = createServer((_request, response) => {
      open.add(response);
      server.emit("pending");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const socket = connectPlain(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
    const arrived = once(server, "pending");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await arrived;
    await open.ended(20);
    socket.destroy();
    server.close();
  });
});
