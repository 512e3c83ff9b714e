import { strict as assert } from "node:assert";
import type { ClientKey } from "../../../../emulator/hub/connections/clientKey";
import { HubError } from "../../../../emulator/hub/hubErrors";
import type { DeviceBoundDraft } from "../../../../emulator/hub/messages/cloudToDeviceQueue";
import { DataPlane, HUB_HOST } from "../../../cast/dataPlane";

const PUMP: ClientKey = { hub: "hub-key-hub-1", deviceId: "pump" };

describe("cloud-to-device messages", () => {
  let plane: DataPlane;
  beforeEach(async () => {
    plane = new DataPlane();
    await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: "pump" }, body: { deviceId: "pump" } });
  });

  const hub = () => plane.directory.hub(HUB_HOST) ?? assert.fail();
  const queue = () => plane.hubs.devices.messages;
  const send = (text: string, more: Partial<DeviceBoundDraft> = {}, client = PUMP): void =>
    queue().send(hub(), { ...client, generationId: "7" }, { body: Buffer.from(text), properties: {}, ...more });
  const receive = () => queue().receive(PUMP) ?? assert.fail("no message waits");
  const feedback = () =>
    queue()
      .feedback.receive(hub())
      ?.records.map(({ statusCode }) => statusCode) ?? [];
  const refused = (name: string, work: () => unknown): void =>
    assert.throws(work, (error) => error instanceof HubError && error.errorName === name);

  it("are received in order, each under a lock, with all that the sender gave", () => {
    const properties = { room: "7" };
    const system = {
      messageId: "m",
      correlationId: "c",
      userId: "u",
      contentType: "text/plain",
      contentEncoding: "utf-8",
    };
    send("one", { ...system, ack: "full", properties });
    send("two");
    assert.deepEqual(
      { ...receive(), lockToken: "" },
      {
        ...system,
        body: Buffer.from("one"),
        ack: "full",
        properties,
        to: "/devices/pump/messages/devicebound",
        lockToken: "",
        sequenceNumber: 1,
        enqueued: new Date("2026-03-01T12:00:00Z"),
        expires: new Date("2026-03-01T13:00:00Z"),
        hasOwnExpiry: false,
        deliveries: 0,
      },
    );
    assert.equal(receive().body.toString(), "two");
    assert.equal(queue().receive(PUMP), undefined);
    assert.equal(queue().receive({ ...PUMP, moduleId: "filter" }), undefined);
  });

  it("are removed by completing or rejecting them, with the feedback that was asked for", () => {
    for (const ack of ["none", "positive", "negative", "full"] as const) send(ack, { ack, messageId: ack });
    for (let count = 0; count < 4; count += 1) queue().complete(PUMP, receive().lockToken);
    const batch = queue().feedback.receive(hub()) ?? assert.fail();
    assert.deepEqual(batch.records[0], {
      originalMessageId: "positive",
      description: "Success",
      deviceGenerationId: "7",
      deviceId: "pump",
      enqueuedTimeUtc: "2026-03-01T12:00:00.000Z",
      statusCode: "Success",
    });
    assert.equal(batch.records.length, 2);
    assert.equal(queue().feedback.receive(hub()), undefined, "the batch is locked");
    assert.equal(queue().feedback.abandon(PUMP.hub, batch.lockToken), true);
    const again = queue().feedback.receive(hub()) ?? assert.fail();
    assert.equal(again.deliveries, 1);
    assert.equal(queue().feedback.complete(PUMP.hub, again.lockToken), true);
    assert.equal(queue().feedback.complete(PUMP.hub, again.lockToken), false);

    for (const ack of ["none", "positive", "negative", "full"] as const) send(ack, { ack });
    for (let count = 0; count < 4; count += 1) queue().reject(PUMP, receive().lockToken);
    const outcomes = queue().feedback.receive(hub())?.records ?? [];
    assert.deepEqual(
      outcomes.map(({ statusCode, description }) => [statusCode, description]),
      Array(2).fill(["Rejected", "Message rejected"]),
    );
    assert.equal(queue().count(PUMP), 0);
  });

  it("come again when they are abandoned, or when the lock lapses, until they were delivered too often", () => {
    send("again", { ack: "negative" });
    for (let delivery = 0; delivery < 9; delivery += 1) {
      const { lockToken, deliveries } = receive();
      assert.equal(deliveries, delivery);
      if (delivery % 2 === 0) queue().abandon(PUMP, lockToken);
      else plane.clock.advance(60);
      assert.equal(queue().complete(PUMP, lockToken), false);
      assert.equal(queue().reject(PUMP, lockToken), false);
      assert.equal(queue().abandon(PUMP, lockToken), false);
    }
    queue().abandon(PUMP, receive().lockToken);
    assert.equal(queue().receive(PUMP), undefined);
    assert.deepEqual(feedback(), ["DeliveryCountExceeded"]);
  });

  it("expire, at the time given or after the hub's, and not while they are locked", () => {
    const at = (seconds: number) => new Date(plane.clock.now().getTime() + seconds * 1000);
    send("soon", { ack: "full", expires: at(10) });
    send("later");
    const locked = receive();
    plane.clock.advance(11);
    queue().complete(PUMP, locked.lockToken);
    assert.deepEqual(feedback(), ["Success"]);
    send("never seen", { ack: "full", expires: at(10) });
    plane.clock.advance(11);
    assert.deepEqual(feedback(), ["Expired"]);
    assert.equal(receive().body.toString(), "later");
    plane.clock.advance(3600);
    assert.equal(queue().receive(PUMP), undefined);
    assert.equal(queue().count(PUMP), 0);
    for (const expires of [at(0), at(-1)]) {
      send("expired already", { ack: "negative", expires });
      assert.deepEqual(feedback(), ["Expired"]);
    }
    for (const expires of [at(2 * 86_400 + 1), new Date(Number.NaN)]) {
      refused("ArgumentInvalid", () => send("x", { expires }));
    }
    send("two days", { expires: at(2 * 86_400) });
  });

  it("are at most 50 for a device, and 64 KB each", () => {
    const limit = 64 * 1024;
    send("x".repeat(limit - 10), { properties: { room: "123456" } });
    refused("MessageTooLarge", () => send("x".repeat(limit - 9), { properties: { room: "123456" } }));
    refused("MessageTooLarge", () => send("x".repeat(limit - 9), { messageId: "1234567890" }));
    for (let count = 1; count < 50; count += 1) send(String(count));
    refused("DeviceMaximumQueueDepthExceeded", () => send("one more"));
    send("another client", {}, { ...PUMP, moduleId: "filter" });
    plane.clock.advance(3600);
    send("after the others expired");
    assert.equal(queue().count(PUMP), 1);
  });

  it("are counted in the identity, and purged", async () => {
    send("one", { ack: "full" });
    send("two", { ack: "full" });
    const count = async () => {
      const { body } = await plane.ask("Devices_GetTwin", { params: { deviceId: "pump" } });
      return body.cloudToDeviceMessageCount;
    };
    assert.equal(await count(), 2);
    queue().complete(PUMP, receive().lockToken);
    assert.equal(await count(), 1);
    assert.equal(queue().purge(PUMP), 1);
    assert.equal(await count(), 0);
    assert.deepEqual(feedback(), ["Success", "Purged"]);
  });

  it("go with their device and with their hub, their feedback too", async () => {
    const other = { ...PUMP, deviceId: "valve" };
    for (const client of [PUMP, other]) {
      send("done", { ack: "full" }, client);
      queue().complete(client, queue().receive(client)?.lockToken ?? "");
      send("waits", {}, client);
    }
    const headers = { authorization: plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" };
    assert.equal((await plane.ask("Devices_DeleteIdentity", { params: { deviceId: "pump" }, headers })).status, 204);
    assert.deepEqual([queue().count(PUMP), queue().count(other)], [0, 1]);
    const records = queue().feedback.receive(hub())?.records ?? [];
    assert.deepEqual(
      records.map(({ deviceId }) => deviceId),
      ["valve"],
    );
    plane.directory.remove("hub", PUMP.hub);
    assert.equal(queue().count(other), 0);
  });

  it("outlive the process", () => {
    send("durable");
    const { messages } = new DataPlane({ database: plane.database }).hubs.devices;
    assert.equal(messages.receive(PUMP)?.body.toString(), "durable");
  });

  it("lose the lock of a connection with the process, and keep any other", () => {
    for (const text of ["over a connection", "by a request"]) send(text, { ack: "full" });
    queue().complete(PUMP, queue().receive(PUMP)?.lockToken ?? "");
    send("over a connection");
    const { lockToken } = receive();
    queue().receive(PUMP, { isOfConnection: true });
    queue().feedback.receive(hub(), { isOfConnection: true });
    const { messages } = new DataPlane({ database: plane.database }).hubs.devices;
    const again = messages.receive(PUMP) ?? assert.fail("no message waits");
    assert.deepEqual([again.body.toString(), again.deliveries], ["over a connection", 1]);
    assert.equal(messages.receive(PUMP), undefined, "the other lock is kept");
    assert.equal(messages.complete(PUMP, lockToken), true);
    assert.equal(messages.feedback.receive(hub())?.deliveries, 1);
  });

  it("wake who listens, outside of the transaction and once for many", async () => {
    const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
    let woken = 0;
    const stop = queue().listen(PUMP, () => {
      woken += 1;
    });
    const stopFeedback = queue().feedback.listen(PUMP.hub, () => {
      woken += 100;
    });
    plane.database.transaction(() => {
      send("one", { ack: "full" });
      send("two");
    });
    send("for another", {}, { ...PUMP, deviceId: "valve" });
    assert.equal(woken, 0);
    await turn();
    assert.equal(woken, 1);
    const first = receive();
    queue().abandon(PUMP, first.lockToken);
    await turn();
    assert.equal(woken, 2);
    queue().complete(PUMP, receive().lockToken);
    await turn();
    assert.equal(woken, 102);
    stop();
    send("three");
    await turn();
    assert.equal(woken, 102);
    stopFeedback();
  });
});
