import { strict as assert } from "node:assert";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { types } from "rhea";
import { type AmqpService, amqpService } from "../../../../emulator/amqp/amqpService";
import { AmqpTestClient } from "../../../cast/amqpClient";

const HOST = "hub-1.azure-devices.net";
const SASL_HEADER = Buffer.from("AMQP\x03\x01\x00\x00", "latin1");
const AMQP_HEADER = Buffer.from("AMQP\x00\x01\x00\x00", "latin1");

const service: AmqpService = amqpService({
  endpoints: {
    hub: () => ({
      links: [
        { from: "client", address: "/in", attach: (link) => link.receive(() => undefined) },
        { from: "service", address: "/out", attach: (link) => link.presettle() },
      ],
    }),
  },
  log: () => undefined,
  failed: (_, error) => assert.fail(String(error)),
});

/** A frame of a performative: the descriptor's code and its fields, encoded. */
function frame(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.from([0, 0, 0, 0, 2, type, 0, 0]);
  head.writeUInt32BE(8 + body.length, 0);
  return Buffer.concat([head, body]);
}

/** Sends bytes as a client; resolves when the local Azure has ended the connection. */
async function ends(...chunks: Buffer[]): Promise<void> {
  const [near, far] = duplexPair();
  service.start(far, { host: HOST, clientChain: () => [] });
  near.resume();
  near.on("error", () => undefined);
  for (const chunk of chunks) near.write(chunk);
  await once(near, "end");
  near.destroy();
}

/** The performative with a code: its fields as rhea's values. */
const performative = (code: number, fields: readonly unknown[]): unknown => {
  const described = types as unknown as { described(descriptor: unknown, value: unknown): unknown };
  return described.described(types.wrap_ulong(code), types.wrap_list([...fields]));
};

/** A client that sends a frame of its own on channel 0. */
async function misbehaved(
  code: number,
  fields: readonly unknown[],
  prepare?: (client: AmqpTestClient) => Promise<unknown>,
) {
  const client = await AmqpTestClient.open(service, HOST);
  await prepare?.(client);
  const closed = client.closed();
  (client.connection as unknown as { _write_frame(channel: number, frame: unknown): void })._write_frame(
    0,
    performative(code, fields),
  );
  return await closed;
}

describe("hostile AMQP", () => {
  const open = Buffer.from([0x00, 0x53, 0x10]);

  for (const [what, bytes] of [
    ["a frame of 1 GB", Buffer.from([0x40, 0, 0, 0, 2, 0, 0, 0])],
    ["a frame of 0 bytes", Buffer.alloc(8)],
    ["a data offset outside of the frame", Buffer.from([0, 0, 0, 8, 0xff, 0, 0, 0])],
    ["an unknown type of frame", Buffer.from([0, 0, 0, 8, 2, 9, 0, 0])],
    ["an array of four billion nulls", frame(0, open, Buffer.from([0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]))],
    ["a list of four billion values", frame(0, open, Buffer.from([0xd0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]))],
    ["a list that ends after its frame", frame(0, open, Buffer.from([0xd0, 0, 0, 0xff, 0xff, 0, 0, 0, 1, 0x40]))],
    ["text that ends after its frame", frame(0, open, Buffer.from([0xb1, 0xff, 0xff, 0xff, 0xff, 0x41]))],
    ["an unknown type", frame(0, open, Buffer.from([0x99]))],
    ["a thousand levels of descriptors", frame(0, Buffer.alloc(60_000, 0))],
    ["a thousand levels of lists", frame(0, open, nested(1000))],
    ["no performative's descriptor", frame(0, Buffer.from([0x40]))],
    ["another protocol", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ] as const) {
    it(`ends the connection on ${what}`, async () => {
      await ends(AMQP_HEADER, bytes);
      await ends(SASL_HEADER, bytes);
    });
  }

  it("refuses a frame size in which no message fits", async () => {
    const client = await AmqpTestClient.open(service, HOST, { max_frame_size: 10 });
    assert.equal(await client.closed(), "amqp:connection:framing-error");
  });

  it("refuses an idle time-out that would make it send frames without end", async () => {
    const client = await AmqpTestClient.open(service, HOST, { idle_time_out: 1 });
    assert.equal(await client.closed(), "amqp:not-allowed");
  });

  const receiving = (client: AmqpTestClient) => client.receiver("/out");
  const range = [true, types.wrap_uint(1), types.wrap_uint(0xffff_fff0), true];
  for (const [what, code, fields, condition] of [
    ["a disposition of four billion deliveries", 0x15, range, "amqp:connection:framing-error"],
    ["a second session on a channel", 0x11, [null, 0, 100, 100].map(types.wrap), "amqp:connection:framing-error"],
    [
      "a transfer on a handle without a link",
      0x14,
      [types.wrap_uint(77), types.wrap_uint(0)],
      "amqp:connection:framing-error",
    ],
    [
      "a transfer on a link that receives",
      0x14,
      [types.wrap_uint(0), types.wrap_uint(0)],
      "amqp:connection:framing-error",
    ],
    ["a handle that is in use", 0x12, ["other", types.wrap_uint(0), true], "amqp:connection:framing-error"],
    ["a handle over the limit", 0x12, ["other", types.wrap_uint(256), true], "amqp:connection:framing-error"],
  ] as const) {
    it(`closes the connection on ${what}`, async () => {
      assert.equal(await misbehaved(code, fields, receiving), condition);
    });
  }

  it("closes the connection on messages without credit", async () => {
    const client = await AmqpTestClient.open(service, HOST);
    const sender = await client.sender("/in");
    const closed = client.closed();
    // rhea would wait for credit.
    Object.assign(sender, { credit: 1_000_000 });
    for (let count = 0; count < 200; count += 1) sender.send({ body: "x" });
    assert.equal(await closed, "amqp:link:transfer-limit-exceeded");
  });

  it("closes the connection on a message that is too large, before it is whole", async () => {
    const client = await AmqpTestClient.open(service, HOST);
    const sender = await client.sender("/in");
    const closed = client.closed();
    sender.send({ body: Buffer.alloc(2 * 1024 * 1024) });
    assert.equal(await closed, "amqp:link:message-size-exceeded");
  });

  it("closes the connection on messages that many links have begun and none has ended", async () => {
    const client = await AmqpTestClient.open(service, HOST);
    const closed = client.closed();
    const { connection } = client as unknown as { connection: { _write_frame(...args: unknown[]): void } };
    const rest = [types.wrap_binary(Buffer.from("tag")), types.wrap_uint(0), false, true];
    let links = 0;
    // Each has begun a message of 240 KB.
    for (; await Promise.race([client.sender("/in").then(() => true), closed.then(() => false)]); links += 1) {
      const transfer = () => performative(0x14, [types.wrap_uint(links), types.wrap_uint(links), ...rest]);
      for (let part = 0; part < 4; part += 1) connection._write_frame(0, transfer(), Buffer.alloc(60_000));
    }
    assert.ok(links >= 32 && links < 64, `${links} links`);
    assert.equal(await closed, "amqp:resource-limit-exceeded");
  });

  it("rejects a message whose sections are malformed, and takes the next", async () => {
    const client = await AmqpTestClient.open(service, HOST);
    const sender = await client.sender("/in");
    for (const bytes of [
      Buffer.from([0x40]),
      Buffer.from([0x00, 0x53, 0x75, 0xb0, 0xff, 0xff, 0xff, 0xff]),
      Buffer.alloc(99),
    ]) {
      await assert.rejects(client.send(sender, bytes as never, 0), { condition: "amqp:decode-error" });
    }
    await client.send(sender, { body: "x" });
    client.close();
  });

  it("keeps no link that a client has detached", async () => {
    const client = await AmqpTestClient.open(service, HOST);
    for (let count = 0; count < 1100; count += 1) {
      const sender = await client.sender("/in");
      sender.close();
      await once(sender, "sender_close");
    }
    client.close();
  });

  it("never throws, whatever the bytes are", async () => {
    // A linear congruential generator: the same bytes in every run.
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    for (let run = 0; run < 500; run += 1) {
      const [near, far] = duplexPair();
      service.start(far, { host: HOST, clientChain: () => [] });
      near.resume();
      near.on("error", () => undefined);
      near.write(run % 2 ? AMQP_HEADER : SASL_HEADER);
      const list = Buffer.from(Array.from({ length: 1 + random(30) }, () => random(256)));
      const code = 0x10 + random(9);
      const size = Buffer.from([0, 0x53, code, 0xc0, list.length + 1, random(12)]);
      near.write(frame(0, size, list));
      near.write(Buffer.from(Array.from({ length: random(64) }, () => random(256))));
      near.end();
      await new Promise((done) => setImmediate(done));
    }
  });
});

function nested(levels: number): Buffer {
  let value: Buffer = Buffer.from([0x45]);
  for (let level = 0; level < levels; level += 1) {
    const head = Buffer.alloc(9);
    head[0] = 0xd0;
    head.writeUInt32BE(value.length + 4, 1);
    head.writeUInt32BE(1, 5);
    value = Buffer.concat([head, value]);
  }
  return value;
}
