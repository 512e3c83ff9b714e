import { strict as assert } from "node:assert";
import { message as amqp, type EventContext, type Message, type Receiver } from "rhea";
import { createSas } from "../../../../azure/sas";
import { BATCH_FORMAT } from "../../../../emulator/amqp/amqpMessage";
import type { AmqpService } from "../../../../emulator/amqp/amqpService";
import { AmqpTestClient } from "../../../cast/amqpClient";
import { amqpOver } from "../../../cast/amqpService";
import { DataPlane, HUB_HOST, keyOf } from "../../../cast/dataPlane";

const DEVICE_BOUND = "/devices/dev-1/messages/devicebound";
const body = (value: unknown): unknown => amqp.data_section(Buffer.from(JSON.stringify(value)));
const read = ({ body: section }: Message): unknown => JSON.parse(String(section.content));

describe("devices and services over AMQP", () => {
  let plane: DataPlane;
  let service: AmqpService;
  const open: AmqpTestClient[] = [];

  beforeEach(async () => {
    plane = new DataPlane();
    service = amqpOver(plane);
    for (const deviceId of ["dev-1", "dev-2"]) {
      const authentication = {
        type: "sas",
        symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") },
      };
      const { status } = await plane.ask("Devices_CreateOrUpdateIdentity", {
        params: { deviceId },
        body: { deviceId, authentication },
      });
      assert.equal(status, 200);
    }
  });

  afterEach(() => {
    for (const client of open.splice(0)) client.close();
  });

  const connect = async (options = {}): Promise<AmqpTestClient> => {
    const client = await AmqpTestClient.open(service, HUB_HOST, options);
    open.push(client);
    return client;
  };

  const signature = (deviceId: string, key = keyOf("device"), seconds = 3600): string =>
    createSas(`${HUB_HOST}/devices/${deviceId}`, key, Math.floor(plane.clock.now().getTime() / 1000) + seconds);

  const device = async (deviceId = "dev-1"): Promise<AmqpTestClient> => {
    const client = await connect();
    assert.equal(await client.putToken(`${HUB_HOST}/devices/${deviceId}`, signature(deviceId)), 200);
    return client;
  };

  const backend = async (): Promise<AmqpTestClient> => {
    const client = await connect();
    assert.equal(await client.putToken(HUB_HOST, plane.sas(HUB_HOST, "iothubowner")), 200);
    return client;
  };

  /** The next message of a link that does not settle by itself. */
  const nextDelivery = (receiver: Receiver): Promise<EventContext> =>
    new Promise((resolve) => {
      receiver.once("message", resolve);
      receiver.add_credit(1);
    });

  it("takes a device's telemetry, with its properties", async () => {
    const client = await device();
    await client.send(await client.sender("/devices/dev-1/messages/events"), {
      message_id: "m-1",
      content_type: "application/json",
      content_encoding: "utf-8",
      application_properties: { line: "a b/c", count: 3 },
      body: body({ temperature: 21 }),
    } as Message);
    const [event] = plane.hubs.events.read("hub-1") ?? [];
    assert.deepEqual(event?.body, { temperature: 21 });
    assert.deepEqual(event?.properties, { line: "a b/c", count: "3" });
    assert.equal(event?.systemProperties["message-id"], "m-1");
  });

  it("takes a batch of a device's telemetry, as the SDK for C sends it", async () => {
    const client = await device();
    const encoded = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        amqp.encode({ message_id: `m-${index}`, content_type: "application/json", body: body({ index }) } as Message),
      );
    // rhea sends bytes as they are in another format than AMQP's own.
    const batch = (parts: readonly Buffer[]) =>
      Buffer.concat(
        parts.map((part) => amqp.encode({ body: amqp.data_section(part) } as Message)),
      ) as unknown as Message;
    const sender = await client.sender("/devices/dev-1/messages/events");
    await client.send(sender, batch(encoded(3)), BATCH_FORMAT);
    await client.send(sender, batch(encoded(1)), BATCH_FORMAT);
    assert.deepEqual(
      plane.hubs.events.read("hub-1")?.map((event) => [event.body, event.systemProperties["message-id"]]),
      [0, 1, 2, 0].map((index) => [{ index }, `m-${index}`]),
    );
    const refused = (condition: string) => ({ condition });
    await assert.rejects(
      client.send(sender, batch(encoded(501)), BATCH_FORMAT),
      refused("com.microsoft:argument-error"),
    );
    const many = batch(Array.from({ length: 2001 }, () => Buffer.alloc(0)));
    await assert.rejects(client.send(sender, many, BATCH_FORMAT), refused("amqp:decode-error"));
    await assert.rejects(client.send(sender, batch([Buffer.from("x")]), BATCH_FORMAT), refused("amqp:decode-error"));
    await assert.rejects(
      client.send(sender, amqp.encode({ body: "x" }) as unknown as Message, BATCH_FORMAT),
      refused("amqp:decode-error"),
    );
    await assert.rejects(client.send(sender, batch(encoded(1)), 7), refused("amqp:not-implemented"));
    const to = await (await backend()).sender("/messages/devicebound");
    await assert.rejects(client.send(to, batch(encoded(1)), BATCH_FORMAT), refused("amqp:not-implemented"));
    assert.equal(plane.hubs.events.read("hub-1")?.length, 4);
  });

  it("shows the digital twin model of a link in the twin and in its telemetry", async () => {
    const client = await device();
    const modelId = "dtmi:com:example:Thermostat;1";
    const properties = { "com.microsoft:model-id": modelId };
    await client.send(await client.sender("/devices/dev-1/messages/events", { properties }), {
      body: body({ temperature: 21 }),
    } as Message);
    assert.equal(plane.hubs.events.read("hub-1")?.[0]?.systemProperties["dt-dataschema"], modelId);
    const { body: twin } = await plane.ask("Devices_GetTwin", { params: { deviceId: "dev-1" } });
    assert.equal(twin.modelId, modelId);
  });

  it("refuses the links of another device, of a wrong signature, and without any", async () => {
    const client = await device();
    const refused = { condition: "amqp:unauthorized-access" };
    await assert.rejects(client.sender("/devices/dev-2/messages/events"), refused);
    await assert.rejects((await connect()).sender("/devices/dev-1/messages/events"), refused);
    assert.equal(await client.putToken(`${HUB_HOST}/devices/dev-1`, signature("dev-1", keyOf("x"))), 401);
    assert.equal(await client.putToken(`${HUB_HOST}/devices/dev-1`, signature("dev-1", keyOf("device"), -1)), 401);
    assert.equal(await client.putToken(`${HUB_HOST}/devices/none`, signature("none")), 404);
    await assert.rejects(client.receiver("/messages/serviceBound/feedback"), refused);
  });

  it("takes a token of Entra ID of a service, as each SDK and the az extension send it", async () => {
    const token = "Bearer good@https://iothubs.azure.net";
    for (const [type, sent = token] of [
      ["Bearer"],
      ["bearer"],
      ["servicebus.windows.net:sastoken"],
      ["jwt", token.replace("Bearer ", "")],
    ] as const) {
      const client = await connect();
      assert.equal(await client.putToken("https://iothubs.azure.net/.default", sent, type), 200, type);
      await client.sender("/messages/devicebound");
    }
    assert.equal(await (await connect()).putToken("https://iothubs.azure.net", "Bearer bad", "Bearer"), 401);
  });

  it("brings a message from the service to the device, and its outcome back", async () => {
    const [client, services] = [await device(), await backend()];
    const receiver = await client.receiver(DEVICE_BOUND, { autoaccept: false });
    const feedback = await services.receiver("/messages/serviceBound/feedback", { autoaccept: false });
    const sender = await services.sender("/messages/devicebound");
    const send = (id: string) =>
      services.send(sender, {
        message_id: id,
        to: DEVICE_BOUND,
        application_properties: { "iothub-ack": "full", line: "a b/c" },
        body: body(id),
      } as Message);
    for (const [id, settle, outcome] of [
      ["m-1", "accept", "Success"],
      ["m-2", "reject", "Rejected"],
    ] as const) {
      await send(id);
      const { message, delivery } = await nextDelivery(receiver);
      assert.equal(message?.message_id, id);
      assert.deepEqual(message?.application_properties, { line: "a b/c", "iothub-ack": "full" });
      assert.equal(message?.to, DEVICE_BOUND);
      delivery?.[settle]();
      const batch = await nextDelivery(feedback);
      const [record] = read(batch.message as Message) as { originalMessageId: string; statusCode: string }[];
      assert.deepEqual([record?.originalMessageId, record?.statusCode], [id, outcome]);
      batch.delivery?.accept();
    }
  });

  it("notifies the service of an uploaded file, until it settles the notification", async () => {
    const services = await backend();
    const receiver = await services.receiver("/messages/serviceBound/filenotifications", { autoaccept: false });
    const notification = {
      deviceId: "dev-1",
      blobUri: "https://contoso.blob.core.windows.net/uploads/dev-1/a.txt",
      blobName: "dev-1/a.txt",
      lastUpdatedTime: "2026-03-01T12:00:00+00:00",
      blobSizeInBytes: 5,
      enqueuedTimeUtc: "2026-03-01T12:00:00.0000000Z",
    };
    const { key, fileUpload } = plane.directory.hub(HUB_HOST) ?? assert.fail();
    plane.hubs.fileNotifications.add(key, notification, fileUpload.notifications);
    for (const outcome of ["release", "accept"] as const) {
      const { message, delivery } = await nextDelivery(receiver);
      assert.equal(message?.content_type, "application/vnd.microsoft.iothub.filenotification.json");
      assert.deepEqual(read(message as Message), notification);
      delivery?.[outcome]({});
    }
    assert.equal((await plane.ask("FileNotifications_Receive")).status, 204);
  });

  it("sends the service nothing more once its token has expired, or its policy has another key", async () => {
    const { hubs, clock, directory } = plane;
    const hub = directory.hub(HUB_HOST) ?? assert.fail();
    for (const [address, revoke] of [
      ["feedback", () => clock.advance(3601)],
      ["filenotifications", () => clock.advance(3601)],
      ["feedback", () => Object.assign(directory, { hubs: [{ ...hub, policies: [] }] })],
    ] as const) {
      const receiver = await (await backend()).receiver(`/messages/serviceBound/${address}`);
      receiver.once("message", () => assert.fail("a message came"));
      revoke();
      const record = { deviceId: "dev-1", statusCode: "Success" };
      const expires = new Date(clock.now().getTime() + 1000);
      const closed = new Promise((resolve) => receiver.once("receiver_close", resolve));
      hubs.devices.messages.feedback.add(hub.key, record as never, { expires, maxDeliveries: 10 });
      hubs.fileNotifications.add(hub.key, record as never, hub.fileUpload.notifications);
      receiver.add_credit(1);
      await closed;
      assert.equal((receiver.error as { condition?: string }).condition, "amqp:unauthorized-access");
    }
  });

  it("replies on the newest twin link of a device, also after an older one is detached", async () => {
    const client = await device();
    const older = await client.receiver("/devices/dev-1/twin");
    const newer = await client.receiver("/devices/dev-1/twin");
    const requests = await client.sender("/devices/dev-1/twin");
    const request = {
      correlation_id: "c",
      message_annotations: { operation: "GET" },
      body: amqp.data_section(Buffer.alloc(0)),
    };
    const closed = new Promise((resolve) => older.once("receiver_close", resolve));
    older.close();
    await closed;
    const response = client.take(newer, 1);
    await client.send(requests, request as unknown as Message);
    assert.equal((await response)[0]?.correlation_id, "c");
  });

  it("sends a released message again", async () => {
    const [client, services] = [await device(), await backend()];
    const receiver = await client.receiver(DEVICE_BOUND, { autoaccept: false });
    await services.send(await services.sender("/messages/devicebound"), { to: DEVICE_BOUND, body: body(1) } as Message);
    const first = await nextDelivery(receiver);
    first.delivery?.release({});
    const second = await nextDelivery(receiver);
    assert.equal(second.message?.delivery_count, 1);
    second.delivery?.accept();
  });

  it("refuses a message to a device that does not exist, and one to no device", async () => {
    const services = await backend();
    const sender = await services.sender("/messages/devicebound");
    const send = (to: string) => services.send(sender, { to, body: body(1) } as Message);
    await assert.rejects(send("/devices/none/messages/devicebound"), { condition: "amqp:not-found" });
    await assert.rejects(send("/devices/dev-1"), { condition: "com.microsoft:argument-error" });
  });

  it("calls a direct method, and takes the response", async () => {
    const client = await device();
    const responses = await client.sender("/devices/dev-1/methods/devicebound");
    const calls = await client.receiver("/devices/dev-1/methods/devicebound");
    const invoked = plane.ask("Devices_InvokeMethod", {
      params: { deviceId: "dev-1" },
      body: { methodName: "restart", payload: { delay: 3 }, responseTimeoutInSeconds: 20 },
    });
    const [call] = await client.take(calls, 1);
    assert.equal(call?.application_properties?.["IoThub-methodname"], "restart");
    assert.deepEqual(read(call as Message), { delay: 3 });
    await client.send(responses, {
      correlation_id: call?.correlation_id,
      application_properties: { "IoThub-status": 202 },
      body: body({ done: true }),
    } as Message);
    assert.deepEqual((await invoked).body, { status: 202, payload: { done: true } });
  });

  it("returns a twin, merges reported properties, and notifies of desired ones", async () => {
    const client = await device();
    const requests = await client.sender("/devices/dev-1/twin");
    const responses = await client.receiver("/devices/dev-1/twin");
    const ask = async (operation: string, resource?: string, value?: unknown): Promise<Message> => {
      const response = client.take(responses, 1);
      const annotations = resource === undefined ? { operation } : { operation, resource };
      await client.send(requests, {
        correlation_id: operation,
        message_annotations: annotations,
        body: value === undefined ? amqp.data_section(Buffer.from(" ")) : body(value),
      } as unknown as Message);
      const [message] = await response;
      assert.equal(message?.correlation_id, operation);
      return message as Message;
    };
    const patched = await ask("PATCH", "/properties/reported", { firmware: "1.2" });
    assert.deepEqual([patched.message_annotations?.status, patched.message_annotations?.version], [200, 2]);
    assert.deepEqual(read(await ask("GET")), { desired: { $version: 1 }, reported: { firmware: "1.2", $version: 2 } });
    const wrong = await ask("PATCH", "/properties/reported", [1]);
    assert.equal(wrong.message_annotations?.status, 400);
    await ask("PUT", "/notifications/twin/properties/desired");
    const notified = client.take(responses, 1);
    await plane.ask("Devices_UpdateTwin", {
      params: { deviceId: "dev-1" },
      body: { properties: { desired: { interval: 5 } } },
    });
    assert.deepEqual(read((await notified)[0] as Message), { interval: 5, $version: 2 });
  });

  it("ends the links of a device that connects again, and of one that is removed", async () => {
    const first = await device();
    const sender = await first.sender("/devices/dev-1/messages/events");
    const ended = new Promise((resolve) => sender.once("sender_close", resolve));
    const second = await device();
    const newer = await second.sender("/devices/dev-1/messages/events");
    await ended;
    assert.equal((sender.error as { condition?: string }).condition, "amqp:link:stolen");
    const removed = new Promise((resolve) => newer.once("sender_close", resolve));
    await plane.ask("Devices_DeleteIdentity", { params: { deviceId: "dev-1" }, headers: { "if-match": "*" } });
    await removed;
  });
});
