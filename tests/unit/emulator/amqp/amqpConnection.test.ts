import { strict as assert } from "node:assert";
import type { Duplex } from "node:stream";
import type { Message } from "rhea";
import type { AmqpContainer, AmqpEndpoint } from "../../../../emulator/amqp/amqpDependencies";
import { AmqpError } from "../../../../emulator/amqp/amqpErrors";
import { bodyBytes, dataBody, encodeMessage } from "../../../../emulator/amqp/amqpMessage";
import { type AmqpService, amqpService } from "../../../../emulator/amqp/amqpService";
import { cbsNode } from "../../../../emulator/amqp/cbsNode";
import { AmqpTestClient } from "../../../cast/amqpClient";

const HOST = "hub-1.azure-devices.net";

describe("an AMQP connection", () => {
  const received: { readonly deviceId: string | undefined; readonly text: string | undefined }[] = [];
  let closed = 0;
  const endpoint: AmqpEndpoint = (): AmqpContainer => ({
    authenticate: (userName, password) => ["device", "device@sas.hub-1"].includes(userName) && password === "secret",
    closed: () => {
      closed += 1;
    },
    links: [
      ...cbsNode(({ token, kind, audience }) => {
        if (token !== "good" || kind !== "sas") throw new AmqpError("amqp:unauthorized-access", `not for ${audience}`);
      }),
      {
        from: "client",
        address: "/devices/:deviceId/messages/events",
        attach(link, { deviceId }) {
          link.receive((message) => {
            const text = bodyBytes(message)?.toString();
            if (text === "bad") throw new AmqpError("com.microsoft:argument-error", "bad");
            received.push({ deviceId, text });
          });
        },
      },
      {
        from: "service",
        address: "/large",
        attach(link) {
          link.presettle();
          const message = encodeMessage({ body: dataBody(Buffer.alloc(50_000)) });
          link.onReady(() => {
            while (link.isReady) {
              large += 1;
              link.send(message);
            }
          });
        },
      },
      {
        from: "service",
        address: "/numbers",
        attach(link) {
          let number = 0;
          link.presettle();
          link.onReady(() => {
            while (link.isReady) link.send(encodeMessage({ body: dataBody(Buffer.from(String(number++))) }));
          });
        },
      },
    ],
  });
  let large = 0;
  const failures: unknown[] = [];
  const service: AmqpService = amqpService({
    endpoints: { hub: endpoint },
    log: () => undefined,
    failed: (_, error) => failures.push(error),
  });
  let client: AmqpTestClient;
  afterEach(() => {
    client?.close();
    assert.deepEqual(failures, []);
  });

  it("returns the termini of a link as the client sent them, whatever other links have", async () => {
    client = await AmqpTestClient.open(service, HOST);
    const fieldsOf = (link: unknown, terminus: "source" | "target"): number =>
      (link as { remote: { attach: Record<string, { value: unknown[] }> } }).remote.attach[terminus]?.value.length ?? 0;
    const sender = await client.sender("/devices/dev-1/messages/events", { source: {} });
    const receiver = await client.receiver("/numbers", { target: {} });
    assert.equal(fieldsOf(sender, "source"), 0);
    assert.equal(fieldsOf(receiver, "target"), 0);
    assert.equal(receiver.source.address, "/numbers");
  });

  it("takes messages at the address of a pattern, and rejects one with its error", async () => {
    client = await AmqpTestClient.open(service, HOST);
    const sender = await client.sender(`amqps://${HOST}:5671/devices/dev%2D1/messages/events`);
    await client.send(sender, { body: dataBody(Buffer.from("hello")) });
    await assert.rejects(client.send(sender, { body: dataBody(Buffer.from("bad")) }), {
      condition: "com.microsoft:argument-error",
    });
    await client.send(sender, { body: dataBody(Buffer.from("again")) });
    assert.deepEqual(received, [
      { deviceId: "dev-1", text: "hello" },
      { deviceId: "dev-1", text: "again" },
    ]);
  });

  it("sends as many messages as the client gives credit for", async () => {
    client = await AmqpTestClient.open(service, HOST);
    const receiver = await client.receiver("/numbers");
    const texts = (messages: Message[]) => messages.map(({ body }) => String(body.content));
    assert.deepEqual(texts(await client.take(receiver, 2)), ["0", "1"]);
    assert.deepEqual(texts(await client.take(receiver, 3)), ["2", "3", "4"]);
    assert.equal((await client.take(receiver, 3000)).length, 3000);
  });

  it("sends no more than a few messages to a client that does not read, and goes on when it does", async () => {
    client = await AmqpTestClient.open(service, HOST);
    const receiver = await client.receiver("/large");
    const { socket } = client.connection as unknown as { readonly socket: Duplex };
    const taken = client.take(receiver, 1000);
    // The grant of credit leaves, then nothing is read.
    await new Promise((done) => setImmediate(done));
    socket.pause();
    for (let turn = 0; turn < 1000; turn += 1) await new Promise((done) => setImmediate(done));
    assert.ok(large < 100, `${large} messages of 50 KB`);
    socket.resume();
    assert.equal((await taken).length, 1000);
  });

  it("refuses a link to an unknown node with amqp:not-found", async () => {
    client = await AmqpTestClient.open(service, HOST);
    await assert.rejects(client.receiver("/nothing"), { condition: "amqp:not-found" });
    await assert.rejects(client.sender("/numbers"), { condition: "amqp:not-found" });
  });

  it("returns the status of a token", async () => {
    client = await AmqpTestClient.open(service, HOST);
    assert.equal(await client.putToken(HOST, "good"), 202);
    assert.equal(await client.putToken(HOST, "bad"), 401);
    assert.equal(await client.putToken(HOST, "good", "unknown"), 400);
    assert.equal(await client.putToken(HOST, "good", "jwt"), 401);
    assert.equal(await client.putToken(HOST, ""), 400);
  });

  it("judges SASL PLAIN", async () => {
    client = await AmqpTestClient.open(service, HOST, { username: "device", password: "secret" });
    await assert.rejects(AmqpTestClient.open(service, HOST, { username: "device", password: "wrong" }));
  });

  it("finds the host of a client that names none in TLS in `open`, and in the user name of SASL PLAIN", async () => {
    client = await AmqpTestClient.open(service, HOST, { isNameless: true });
    assert.equal(await client.putToken(HOST, "good"), 202);
    const named = { isNameless: true, username: "device@sas.hub-1", password: "secret" };
    (await AmqpTestClient.open(service, HOST, named)).close();
    await assert.rejects(AmqpTestClient.open(service, HOST, { ...named, username: "device" }));
  });

  it("closes a connection to a host without an endpoint", async () => {
    const other = await AmqpTestClient.open(service, "dps-1.azure-devices-provisioning.net");
    assert.equal(await other.closed(), "amqp:not-found");
  });

  it("ends the container with the connection", async () => {
    const before = closed;
    const own = await AmqpTestClient.open(service, HOST);
    await own.receiver("/numbers");
    const ended = own.closed();
    own.close();
    await ended;
    assert.equal(closed, before + 1);
  });
});
