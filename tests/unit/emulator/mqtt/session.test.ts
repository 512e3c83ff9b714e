import assert from "node:assert/strict";
import { once } from "node:events";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import type { MqttClient, MqttEndpoint } from "../../../../emulator/mqtt/mqttDependencies";
import { ConnectRefused } from "../../../../emulator/mqtt/mqttErrors";
import { MqttSession } from "../../../../emulator/mqtt/mqttSession";

const CONNECT: Packet = { cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId: "d" };

describe("an MQTT session", () => {
  /** Feeds bytes to a session whose endpoint accepts everything; returns its log once it has ended. */
  async function fed(bytes: Buffer, endpoint?: MqttEndpoint): Promise<string[]> {
    const events: string[] = [];
    const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const taking: MqttEndpoint = async () => ({
      subscribe: () => 1,
      receive: async () => undefined,
      closed: async (clean) => {
        events.push(`closed ${clean}`);
      },
    });
    const log = (event: string, detail: Readonly<Record<string, unknown>>) => {
      events.push(`${event} ${detail.reason ?? detail.clientId ?? ""}`.trim());
    };
    new MqttSession(stream, endpoint ?? taking, { host: "h", clientChain: () => [], log });
    stream.push(bytes);
    stream.push(null);
    await once(stream, "close");
    await new Promise((done) => setImmediate(done));
    return events;
  }

  const packets = (...all: Packet[]) => Buffer.concat(all.map((packet) => generate(packet)));

  it("reads no further while the client does not read, and while packets wait", async () => {
    let drain = (): void => undefined;
    const stream = new Duplex({
      read: () => undefined,
      writableHighWaterMark: 16,
      write: (_chunk, _encoding, done) => {
        drain = done;
      },
    });
    let received = 0;
    const endpoint: MqttEndpoint = async () => ({
      subscribe: () => 1,
      receive: async () => {
        received += 1;
      },
      closed: async () => undefined,
    });
    new MqttSession(stream, endpoint, { host: "h", clientChain: () => [], log: () => undefined });
    const publish: Packet = {
      cmd: "publish",
      topic: "t",
      payload: "x",
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    };
    const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
    stream.push(packets(CONNECT));
    await turn();
    for (let index = 0; index < 500; index += 1) {
      stream.push(packets(publish));
      await turn();
    }
    assert.ok(received < 10, `${received} packets were read`);
    assert.ok(stream.writableLength < 100, `${stream.writableLength} bytes wait`);
    while (received < 500) {
      drain();
      await turn();
    }
    stream.destroy();
  });

  it("starts a few packets a turn, so that others have theirs, and all of them in order", async () => {
    const received: number[] = [];
    const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const closed = new Promise<number>((done) => {
      const endpoint: MqttEndpoint = async () => ({
        subscribe: () => 1,
        receive: async ({ body }) => void received.push(Number(body)),
        closed: async () => done(received.length),
      });
      new MqttSession(stream, endpoint, { host: "h", clientChain: () => [], log: () => undefined });
    });
    const publish = (index: number): Packet => {
      return { cmd: "publish", topic: "t", payload: String(index), qos: 0, dup: false, retain: false };
    };
    stream.push(packets(CONNECT));
    await new Promise((done) => setImmediate(done));
    stream.push(packets(...Array.from({ length: 1000 }, (_, index) => publish(index)), { cmd: "disconnect" }));
    await new Promise((done) => setImmediate(done));
    assert.ok(received.length > 0 && received.length <= 128, `${received.length} packets at once`);
    stream.push(null);
    assert.equal(await closed, 1000);
    assert.deepEqual(
      received,
      Array.from({ length: 1000 }, (_, index) => index),
    );
  });

  it("holds the largest calls that a hub lets wait for a client, until it reads them, and ends one that does not", async () => {
    for (const reads of [true, false]) {
      let written = 0;
      const stream = new Duplex({
        read: () => undefined,
        write(chunk: Buffer, _encoding, done) {
          written += chunk.length;
          if (reads || written < 1000) setImmediate(done);
        },
      });
      let client: MqttClient | undefined;
      const endpoint: MqttEndpoint = async (given) => {
        client = given;
        return { subscribe: () => 0, receive: async () => undefined, closed: async () => undefined };
      };
      new MqttSession(stream, endpoint, { host: "h", clientChain: () => [], log: () => undefined });
      stream.push(packets(CONNECT, { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "f", qos: 0 }] }));
      while (written < 8) await new Promise((done) => setImmediate(done));
      const body = Buffer.alloc(128 * 1024);
      for (let count = 0; count < (reads ? 100 : 200); count += 1) client?.send("f", { topic: "t", body });
      assert.equal(stream.destroyed, !reads);
      while (reads && written < 100 * body.length) await new Promise((done) => setImmediate(done));
      stream.destroy();
    }
  });

  it("distinguishes a disconnect from a broken connection", async () => {
    assert.deepEqual(await fed(packets(CONNECT, { cmd: "disconnect" })), ["connected d", "closed true"]);
    assert.deepEqual(await fed(packets(CONNECT)), ["connected d", "closed false"]);
  });

  it("closes on a packet before CONNECT, on a second CONNECT, and on a server's packet", async () => {
    assert.deepEqual(await fed(packets({ cmd: "pingreq" })), ["disconnected pingreq before CONNECT"]);
    const [, second] = await fed(packets(CONNECT, CONNECT));
    assert.equal(second, "disconnected a second CONNECT");
    const [, odd] = await fed(packets(CONNECT, { cmd: "pingresp" }));
    assert.equal(odd, "disconnected pingresp is not accepted from a client");
  });

  it("keeps no packet that is larger than Azure takes, and counts those that are not one by one", async () => {
    const publish: Packet = {
      cmd: "publish",
      topic: "t",
      payload: Buffer.alloc(200 * 1024),
      qos: 0,
      dup: false,
      retain: false,
    };
    const several = packets(CONNECT, publish, publish, publish, { cmd: "disconnect" });
    assert.deepEqual(await fed(several), ["connected d", "closed true"]);
    const endless = Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(512 * 1024)]);
    assert.deepEqual(await fed(endless), ["disconnected a packet is larger than 524288 bytes"]);
  });

  it("returns the reason for a refused connection", async () => {
    const refusing: MqttEndpoint = async () => {
      throw new ConnectRefused("notAuthorized", "no such device");
    };
    assert.deepEqual(await fed(packets(CONNECT), refusing), ["refused no such device"]);
  });

  it("closes a connection that stays open after its disconnect", async () => {
    const { setTimeout: real } = globalThis;
    const waiting: (() => void)[] = [];
    globalThis.setTimeout = ((work: () => void) => {
      waiting.push(work);
      const timer = { refresh: () => undefined, unref: () => timer };
      return timer;
    }) as unknown as typeof setTimeout;
    try {
      const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
      const refusing: MqttEndpoint = async () => {
        throw new ConnectRefused("notAuthorized", "no such device");
      };
      new MqttSession(stream, refusing, { host: "h", clientChain: () => [], log: () => undefined });
      const finished = once(stream, "finish");
      stream.push(packets(CONNECT));
      await finished;
      assert.equal(stream.destroyed, false, "the client's end is still open");
      for (const work of waiting) work();
      assert.equal(stream.destroyed, true);
    } finally {
      globalThis.setTimeout = real;
    }
  });

  it("never throws, whatever the bytes are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.boolean(), async (bytes, connected) => {
        const events = await fed(Buffer.concat([connected ? packets(CONNECT) : Buffer.alloc(0), bytes]));
        const odd = events.filter(
          (event) => !/^(connected|refused|disconnected|closed|subscription refused)\b/.test(event),
        );
        assert.deepEqual(odd, []);
      }),
      { numRuns: 200 },
    );
  });
});
