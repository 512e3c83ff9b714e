import { strict as assert } from "node:assert";
import { filter, type Message, type Receiver, types } from "rhea";
import { createSas } from "../../../../azure/sas";
import type { AmqpService } from "../../../../emulator/amqp/amqpService";
import { AmqpTestClient } from "../../../cast/amqpClient";
import { amqpOver } from "../../../cast/amqpService";
import { DataPlane, HUB_HOST, keyOf } from "../../../cast/dataPlane";

const HOST = "iothub-ns-hub-1-1.servicebus.windows.net";
const PATH = "hub-1";

describe("the built-in, Event Hubs-compatible endpoint", () => {
  let plane: DataPlane;
  let service: AmqpService;
  let client: AmqpTestClient;

  beforeEach(async () => {
    plane = new DataPlane();
    service = amqpOver(plane);
    client = await AmqpTestClient.open(service, HOST);
  });

  afterEach(() => client.close());

  /** A signature as Event Hubs clients make it: by the text of the key. */
  const sas = (resource: string, { policy = "iothubowner", seconds = 3600 } = {}) => {
    const key = Buffer.from(keyOf(`${policy}-primary`)).toString("base64");
    return createSas(resource, key, Math.floor(plane.clock.now().getTime() / 1000) + seconds, policy);
  };
  const authorize = (resource = `sb://${HOST}/${PATH}`, of = client) => of.putToken(resource, sas(resource));

  /** Stores events of device `dev-1` in partition 0: their bodies are `0`, `1` … */
  async function store(count: number, from = 0): Promise<void> {
    const [hub] = plane.directory.hubs;
    if (!hub) throw new Error("no hub");
    await plane.database.groupCommit(() => {
      for (let index = from; index < from + count; index += 1) {
        const systemProperties = { "message-id": `m${index}`, "iothub-connection-device-id": "dev-1" };
        const draft = { deviceId: "dev-1", partitionId: 0, systemProperties, properties: { n: String(index) } };
        plane.hubs.eventStore.append(hub, [{ ...draft, body: Buffer.from(String(index)) }]);
        plane.clock.advance(0.001);
      }
    });
  }

  const source = (partition: number | string = 0, group = "$Default") =>
    `${PATH}/ConsumerGroups/${group}/Partitions/${partition}`;
  const from = (selector: string) => ({
    filter: { "apache.org:selector-filter:string": filter.selector(selector)["jms-selector"] },
  });
  const bodies = (messages: readonly Message[]) => messages.map(({ body }) => String(body.content));
  const annotation = ({ message_annotations: annotations }: Message, name: string) => annotations?.[name];

  it("sends a partition's events in order, with Azure's annotations", async () => {
    await store(3);
    assert.equal(await authorize(), 202);
    const messages = await client.take(await client.receiver(source()), 3);
    assert.deepEqual(bodies(messages), ["0", "1", "2"]);
    const [first, second] = messages as [Message, Message];
    assert.equal(first.message_id, "m0");
    assert.deepEqual(first.application_properties, { n: "0" });
    assert.equal(annotation(second, "x-opt-sequence-number"), 1);
    assert.equal(annotation(second, "iothub-connection-device-id"), "dev-1");
    assert.ok(annotation(second, "x-opt-enqueued-time") instanceof Date);
    assert.ok(annotation(second, "iothub-enqueuedtime") instanceof Date);
    assert.ok(Number(annotation(second, "x-opt-offset")) > Number(annotation(first, "x-opt-offset")));
  });

  it("sends events as they arrive, and a thousand in order", async () => {
    await authorize();
    const receiver = await client.receiver(source());
    const arrived = client.take(receiver, 1000);
    for (let batch = 0; batch < 10; batch += 1) await store(100, batch * 100);
    assert.deepEqual(
      bodies(await arrived),
      Array.from({ length: 1000 }, (_, index) => String(index)),
    );
  });

  it("reads large events a few at a time, and all of them", async () => {
    const [hub] = plane.directory.hubs;
    const { eventStore } = plane.hubs;
    const draft = { deviceId: "dev-1", partitionId: 0, systemProperties: {}, properties: {} };
    await plane.database.groupCommit(() => {
      for (let index = 0; index < 40; index += 1) {
        const body = Buffer.alloc(200 * 1024, index);
        eventStore.append(hub ?? assert.fail(), [{ ...draft, body }]);
      }
    });
    const tops: number[] = [];
    const { readPartition } = eventStore;
    eventStore.readPartition = (key, id, after, top) => {
      tops.push(top);
      return readPartition.call(eventStore, key, id, after, top);
    };
    await authorize();
    const messages = await client.take(await client.receiver(source()), 40);
    assert.deepEqual(
      messages.map(({ body }) => body.content[0]),
      Array.from({ length: 40 }, (_, index) => index),
    );
    assert.ok(Math.max(...tops.slice(1)) <= 6, tops.join());
  });

  it("starts at every kind of position", async () => {
    const begun = plane.clock.now().getTime();
    await store(5);
    await authorize();
    const [, , third] = (await client.take(await client.receiver(source()), 3)) as [Message, Message, Message];
    const offset = String(annotation(third, "x-opt-offset"));
    const time = (annotation(third, "x-opt-enqueued-time") as Date).getTime();
    assert.ok(time > begun);
    for (const [selector, expected] of [
      ["amqp.annotation.x-opt-offset > '-1'", "0"],
      [`amqp.annotation.x-opt-offset > '${offset}'`, "3"],
      [`amqp.annotation.x-opt-offset >= '${offset}'`, "2"],
      ["amqp.annotation.x-opt-sequence-number > '1'", "2"],
      ["amqp.annotation.x-opt-sequence-number >= '1'", "1"],
      [`amqp.annotation.x-opt-enqueued-time > '${time - 1}'`, "2"],
      [`amqp.annotation.x-opt-enqueuedtimeutc > ${time}`, "3"],
    ] as const) {
      const receiver = await client.receiver(source(), from(selector));
      assert.deepEqual(bodies(await client.take(receiver, 1)), [expected], selector);
      receiver.close();
    }
    const latest = client.take(await client.receiver(source(), from("amqp.annotation.x-opt-offset > '@latest'")), 1);
    await store(1, 5);
    assert.deepEqual(bodies(await latest), ["5"]);
  });

  it("has no event past the hub's retention, though none has come since", async () => {
    await store(3);
    await authorize();
    assert.deepEqual(bodies(await client.take(await client.receiver(source()), 1)), ["0"]);
    plane.clock.advance(86_400 + 1);
    await authorize();
    const receiver = await client.receiver(source());
    const read = client.take(receiver, 1);
    await store(1, 3);
    assert.deepEqual(bodies(await read), ["3"]);
  });

  it("refuses a position behind the last event, as of a checkpoint of an earlier hub", async () => {
    // azure-sdk-for-net#9213, azure-sdk-for-python#30931; of sequence numbers azure-event-hubs-spark#315.
    await authorize();
    const refused = async (selector: string, description: RegExp) => {
      const condition = "com.microsoft:argument-error";
      await assert.rejects(client.receiver(source(), from(`amqp.annotation.${selector}`)), { condition, description });
    };
    await refused("x-opt-offset > '0'", /offset '0' is invalid\. The last offset in the system is '-1'/);
    await store(3);
    const { lastOffset } = plane.hubs.eventStore.partition("hub-key-hub-1", 0);
    await refused(`x-opt-offset >= '${lastOffset + 1}'`, /offset '\d+' is invalid/);
    await refused(
      "x-opt-sequence-number > '99'",
      /number '99' is invalid\. The last sequence number in the system is '2'/,
    );
    const kept = [`x-opt-offset > '${lastOffset}'`, "x-opt-sequence-number > '2'"];
    // The last position stays when the events are gone.
    plane.database.run("DELETE FROM hub_event_batch");
    for (const selector of kept) await client.receiver(source(), from(`amqp.annotation.${selector}`));
  });

  it("refuses a filter that is none", async () => {
    await authorize();
    for (const selector of ["", "x = 1", "amqp.annotation.x-opt-offset > 'a'", "amqp.annotation.x-opt-other > '1'"]) {
      await assert.rejects(client.receiver(source(), from(selector)), { condition: "com.microsoft:argument-error" });
    }
  });

  it("takes the signature of a policy with ServiceConnect for the address, until it expires", async () => {
    await store(2);
    const refused = { condition: "amqp:unauthorized-access" };
    await assert.rejects(client.receiver(source()), refused);
    const resource = `sb://${HOST}/${PATH}`;
    assert.equal(await client.putToken(resource, sas(resource, { policy: "device" })), 401);
    assert.equal(await client.putToken(resource, sas(resource, { seconds: -1 })), 401);
    assert.equal(await client.putToken(resource, `${sas(resource)}x`), 401);
    assert.equal(await client.putToken(resource, "nonsense"), 401);
    // IoT Hub's own form, by the bytes of the key.
    assert.equal(await client.putToken(HUB_HOST, plane.sas(HUB_HOST, "iothubowner")), 401);
    // As Azure documents: the built-in endpoint takes keys only.
    assert.equal(await client.putToken(resource, "good@https://eventhubs.azure.net", "jwt"), 401);
    const other = `sb://${HOST}/${PATH}/ConsumerGroups/$Default/Partitions/1`;
    assert.equal(await client.putToken(other, sas(other)), 202);
    await assert.rejects(client.receiver(source()), refused);
    assert.equal(await client.putToken(resource, sas(resource, { seconds: 60 })), 202);
    const receiver = await client.receiver(source());
    assert.deepEqual(bodies(await client.take(receiver, 1)), ["0"]);
    plane.clock.advance(61);
    const closed = new Promise((done) => receiver.once("receiver_close", done));
    receiver.add_credit(1);
    await closed;
    assert.equal((receiver.error as unknown as { condition: string }).condition, "amqp:unauthorized-access");
  });

  it("has the consumer groups that ARM has, and the hub's partitions", async () => {
    await store(1);
    await authorize();
    assert.deepEqual(bodies(await client.take(await client.receiver(source(0, "second")), 1)), ["0"]);
    await assert.rejects(client.receiver(source(0, "third")), { condition: "amqp:not-found" });
    for (const partition of ["4", "-1", "x", "0x1"]) {
      await assert.rejects(client.receiver(source(partition)), { condition: "com.microsoft:argument-error" });
    }
    await assert.rejects(client.receiver(`other/ConsumerGroups/$Default/Partitions/0`), {
      condition: "amqp:not-found",
    });
  });

  it("ends a receiver whose consumer group is deleted", async () => {
    await authorize();
    const receiver = await client.receiver(source(0, "second"));
    const closed = new Promise((resolve) => receiver.once("receiver_close", resolve));
    receiver.add_credit(10);
    receiver.once("message", () => assert.fail("an event came"));
    plane.directory.hasConsumerGroup = (_hub, name) => name === "$Default";
    await store(1);
    await closed;
    assert.equal((receiver.error as { condition?: string }).condition, "amqp:not-found");
  });

  it("lets five receivers read a partition, or one with the highest owner level", async () => {
    await authorize();
    const owner = (epoch: number) => ({ properties: { "com.microsoft:epoch": types.wrap_long(epoch) } });
    const five = await Promise.all([0, 1, 2, 3, 4].map(() => client.receiver(source())));
    await assert.rejects(client.receiver(source()), { condition: "amqp:resource-limit-exceeded" });
    const stolen = (receiver: Receiver) =>
      new Promise<string>((done) =>
        receiver.once("receiver_close", () => done((receiver.error as unknown as { condition: string }).condition)),
      );
    const ends = Promise.all(five.map(stolen));
    const first = await client.receiver(source(), owner(1));
    assert.deepEqual(await ends, Array(5).fill("amqp:link:stolen"));
    await assert.rejects(client.receiver(source()), { condition: "amqp:link:stolen" });
    await assert.rejects(client.receiver(source(), owner(0)), { condition: "amqp:link:stolen" });
    const end = stolen(first);
    const second = await client.receiver(source(), owner(1));
    assert.equal(await end, "amqp:link:stolen");
    // Another consumer group, or another partition, has an owner of its own.
    await client.receiver(source(0, "second"));
    await client.receiver(source(1));
    const closed = new Promise((done) => second.once("receiver_close", done));
    second.close();
    await closed;
    await client.receiver(source());
  });

  it("returns the properties of the event hub and of a partition", async () => {
    await store(3);
    const read = (type: string, more: object = {}) =>
      client.request("$management", {
        application_properties: { operation: "READ", type, name: PATH, ...more },
      });
    assert.equal((await read("com.microsoft:eventhub")).application_properties?.["status-code"], 401);
    await authorize();
    const hub = await read("com.microsoft:eventhub");
    assert.equal(hub.application_properties?.["status-code"], 200);
    assert.deepEqual(hub.body.partition_ids, ["0", "1", "2", "3"]);
    const { body } = await read("com.microsoft:partition", { partition: "0" });
    assert.deepEqual(
      [body.begin_sequence_number, body.last_enqueued_sequence_number, body.is_partition_empty, body.partition],
      [0, 2, false, "0"],
    );
    const empty = await read("com.microsoft:partition", { partition: "1" });
    assert.deepEqual([empty.body.last_enqueued_sequence_number, empty.body.is_partition_empty], [-1, true]);
    assert.equal(
      (await read("com.microsoft:partition", { partition: "9" })).application_properties?.["status-code"],
      400,
    );
    assert.equal((await read("com.microsoft:other")).application_properties?.["status-code"], 501);
  });

  it("settles a request before it sends the response", async () => {
    await authorize();
    const [receiver, sender] = [
      await client.receiver("$management", { target: { address: "mine" } }),
      await client.sender("$management"),
    ];
    const order: string[] = [];
    sender.once("accepted", () => order.push("settled"));
    const response = client.take(receiver, 1).then(() => order.push("response"));
    await client.send(sender, {
      message_id: "1",
      reply_to: "mine",
      application_properties: { operation: "READ", type: "com.microsoft:eventhub", name: PATH },
      body: null,
    });
    await response;
    assert.deepEqual(order, ["settled", "response"]);
  });

  it("sends runtime information with each event to a receiver that asks for it", async () => {
    await store(2);
    await authorize();
    const receiver = await client.receiver(source(), {
      desired_capabilities: ["com.microsoft:enable-receiver-runtime-metric"],
    });
    const [message] = await client.take(receiver, 1);
    assert.equal(message?.delivery_annotations?.last_enqueued_sequence_number, 1);
  });

  it("takes the name and a key of a policy with ServiceConnect by SASL PLAIN, and no other", async () => {
    await store(1);
    const plain = (username: string, password: string) => AmqpTestClient.open(service, HOST, { username, password });
    const secret = keyOf("iothubowner-primary");
    const other = await plain("iothubowner", secret);
    assert.deepEqual(bodies(await other.take(await other.receiver(source()), 1)), ["0"]);
    other.close();
    for (const [name, key] of [
      ["iothubowner", keyOf("other")],
      ["registryRead", keyOf("registryRead-primary")],
      ["unknown", secret],
    ] as const) {
      await assert.rejects(plain(name, key), name);
    }
  });

  it("ends the links of a hub that is deleted", async () => {
    await authorize();
    const receiver = await client.receiver(source());
    const closed = new Promise((done) => receiver.once("receiver_close", done));
    plane.directory.remove("hub", "hub-key-hub-1");
    await closed;
    assert.equal((receiver.error as unknown as { condition: string }).condition, "amqp:not-found");
  });

  it("refuses a host that is no hub's", async () => {
    const other = await AmqpTestClient.open(service, "other.servicebus.windows.net");
    assert.equal(await other.closed(), "amqp:not-found");
  });

  it("chooses the hub by the event hub's name without TLS, as the emulator of Event Hubs does", async () => {
    await store(1);
    const local = await AmqpTestClient.open(service, "localhost", { plain: true });
    await authorize(`sb://localhost:20003/${PATH}`, local);
    assert.deepEqual(bodies(await local.take(await local.receiver(source()), 1)), ["0"]);
    local.close();
  });

  it("redirects a client of the hub to it, after a token of the hub or SASL PLAIN", async () => {
    const address = `amqps://${HUB_HOST}/messages/events/$management`;
    const hub = await AmqpTestClient.open(service, HUB_HOST);
    await assert.rejects(hub.receiver(address), { condition: "amqp:unauthorized-access" });
    await assert.rejects(hub.receiver("messages/events/"), { condition: "amqp:unauthorized-access" });
    assert.equal(await hub.putToken(HUB_HOST, plane.sas(HUB_HOST, "registryRead")), 401);
    assert.equal(await hub.putToken(HUB_HOST, plane.sas(HUB_HOST, "iothubowner")), 200);
    const receiver = hub.connection.open_receiver({ source: { address } } as never);
    await new Promise((done) => receiver.once("receiver_close", done));
    const { condition, info } = receiver.error as unknown as { condition: string; info: Record<string, unknown> };
    assert.equal(condition, "amqp:link:redirect");
    assert.deepEqual(info, {
      hostname: HOST,
      "network-host": HOST,
      port: 5671,
      address: `amqps://${HOST}:5671/${PATH}/$management`,
    });
    await assert.rejects(hub.receiver("messages/events/"), { condition: "amqp:link:redirect" });
    hub.close();
    const username = "iothubowner@sas.root.hub-1";
    const plain = await AmqpTestClient.open(service, HUB_HOST, {
      username,
      password: plane.sas(HUB_HOST, "iothubowner"),
    });
    await assert.rejects(plain.receiver(address), { condition: "amqp:link:redirect" });
    plain.close();
    for (const [user, password] of [
      ["iothubowner@sas.root.hub-2", plane.sas(HUB_HOST, "iothubowner")],
      ["registryRead@sas.root.hub-1", plane.sas(HUB_HOST, "iothubowner")],
      [username, plane.sas("hub-2.azure-devices.net", "iothubowner")],
    ] as const) {
      await assert.rejects(AmqpTestClient.open(service, HUB_HOST, { username: user, password }));
    }
  });

  it("reads from a hub's first event after the database was opened again", async () => {
    await store(3);
    const again = new DataPlane({ database: plane.database });
    const [hub] = again.directory.hubs;
    assert.deepEqual(
      again.hubs.eventStore.readPartition(hub?.key ?? "", 0, 0, 10).map(({ sequenceNumber }) => sequenceNumber),
      [1, 2],
    );
  });
});
