import { strict as assert } from "node:assert";
import { EventsError } from "../../../azure/clients/eventsReader";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { handler as receiptHandler } from "../../../providers/handlers/telemetryReceiptHandler";
import { type FakeAzure, fakeAzure, fakeGateway, NOW } from "../../cast/fakeGateway";

const HUB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/hub";
const HOST = "hub.azure-devices.net";
const MESSAGE = { deviceId: "dev-1", assignedHub: HOST, messageId: "m-1", sentAt: NOW.toISOString() };
const OTHER = { ...MESSAGE, deviceId: "dev-2", messageId: "m-2" };

describe("telemetry receipt handler", () => {
  let azure: FakeAzure;
  const handler = (changes: Partial<ReturnType<typeof fakeGateway>> = {}) =>
    receiptHandler({ ...fakeGateway(azure), ...changes });
  const inputsOf = async (news: Readonly<Record<string, unknown>>) => {
    const { inputs, failures } = await handler().check({}, { hubId: HUB, ...news });
    assert.deepEqual(failures, []);
    return inputs;
  };
  const setHub = (properties: Readonly<Record<string, unknown>> = {}) =>
    azure.hubs.set(HUB, {
      name: "hub",
      properties: {
        hostName: HOST,
        eventHubEndpoints: {
          events: { endpoint: "sb://ns.servicebus.windows.net/", path: "hub", retentionTimeInDays: 1 },
        },
        ...properties,
      },
    });

  beforeEach(() => {
    azure = fakeAzure();
    azure.events.push({ deviceId: "dev-1", messageId: "m-1" }, { deviceId: "dev-2", messageId: "m-2" });
    setHub();
  });

  it("reads the messages back by a key that it does not keep, and shows no change afterwards", async () => {
    const inputs = await inputsOf({ messages: [MESSAGE, OTHER] });
    const { id, outs } = await handler().create(inputs);
    assert.equal(id, `${HUB}/receipt`);
    assert.deepEqual(azure.calls, [`hub ${HUB}`, `key service of ${HUB}`, "read hub $Default 120000"]);
    const place = { status: "received", partition: "2", enqueuedTime: NOW.toISOString() };
    assert.deepEqual(outs.receipts, [
      { deviceId: "dev-1", messageId: "m-1", sequenceNumber: 0, ...place },
      { deviceId: "dev-2", messageId: "m-2", sequenceNumber: 1, ...place },
    ]);
    assert.doesNotMatch(JSON.stringify([outs, azure.messages]), /the key of the policy/);
    assert.deepEqual(await handler().diff(id, outs, inputs), { changes: false, replaces: [] });
    const others = { ...inputs, consumerGroup: "own", policy: "reader", timeoutSeconds: 5 };
    assert.equal((await handler().diff(id, outs, others)).changes, false);
    assert.deepEqual(await handler().read(id, outs), { id, props: outs });
    await handler().delete(id, outs);
    assert.equal(azure.calls.length, 3);
  });

  it("reads only what was sent since, and nothing for a device that is left out", async () => {
    const { id, outs } = await handler().create(await inputsOf({ messages: [MESSAGE, OTHER] }));
    azure.calls.length = 0;
    const fewer = await inputsOf({ messages: [MESSAGE] });
    assert.equal((await handler().diff(id, outs, fewer)).changes, true);
    assert.equal(((await handler().update(id, outs, fewer)).outs.receipts as unknown[]).length, 1);
    assert.deepEqual(azure.calls, []);
    azure.events.push({ deviceId: "dev-1", messageId: "m-3" });
    const again = await inputsOf({ messages: [{ ...MESSAGE, messageId: "m-3" }, OTHER] });
    const updated = await handler().update(id, outs, again);
    assert.deepEqual(
      (updated.outs.receipts as { messageId: string }[]).map(({ messageId }) => messageId),
      ["m-3", "m-2"],
    );
  });

  it("fails for a message that does not come, with what, where and how long; the next run goes on", async () => {
    azure.events.length = 0;
    const inputs = await inputsOf({ messages: [MESSAGE], timeoutSeconds: 7, consumerGroup: "own" });
    await assert.rejects(handler().create(inputs), (error: Error) => {
      for (const part of ["dev-1", "m-1", '"hub"', "7 seconds", "own", "partitions 0, 1, 2, 3", "0 events seen"])
        assert.ok(error.message.includes(part), part);
      assert.match(error.message, /To fix: .*`pulumi up` again.*route/s);
      return true;
    });
    azure.events.push({ deviceId: "dev-1", messageId: "m-1" });
    assert.equal(((await handler().create(inputs)).outs.receipts as { status: string }[])[0]?.status, "received");
  });

  it("matches the device as well as the message ID", async () => {
    azure.events.splice(0, 2, { deviceId: "dev-9", messageId: "m-1" });
    await assert.rejects(handler().create(await inputsOf({ messages: [MESSAGE] })), /dev-1 \(message ID m-1\)/);
  });

  it("says why a message cannot be read back, and does not fail", async () => {
    const cases: [string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>, RegExp][] = [
      ["localAuth off", { disableLocalAuth: true }, {}, /accepts shared access keys only, and localAuth is off/],
      ["an older state", {}, { messageId: undefined }, /older version/],
      ["another hub", {}, { assignedHub: "other.azure-devices.net" }, /is in other/],
      ["retention", {}, { sentAt: new Date(NOW.getTime() - 90_000_000).toISOString() }, /keeps events for a day/],
    ];
    for (const [label, properties, change, reason] of cases) {
      setHub(properties);
      azure.messages.length = 0;
      azure.calls.length = 0;
      const inputs = await inputsOf({ messages: [{ ...MESSAGE, ...change }] });
      const { id, outs } = await handler().create(inputs);
      const [receipt] = outs.receipts as { status: string; reason: string }[];
      assert.equal(receipt?.status, "unread", label);
      assert.match(receipt.reason, reason);
      assert.match(azure.messages.join("\n"), /"dev-1" is not read back: /);
      assert.deepEqual(azure.calls, [`hub ${HUB}`], label);
      assert.equal((await handler().diff(id, outs, inputs)).changes, false);
    }
    azure.messages.length = 0;
    const silent = { deviceId: "dev-1", assignedHub: "" };
    const { outs } = await handler().create(await inputsOf({ messages: [silent] }));
    assert.deepEqual(outs.receipts, [
      { deviceId: "dev-1", status: "unread", reason: "the device has sent no message" },
    ]);
    assert.deepEqual(azure.messages, []);
  });

  it("explains what the endpoint refuses, without the key", async () => {
    const inputs = await inputsOf({ messages: [MESSAGE] });
    for (const [code, remedy] of [
      ["UnauthorizedError", /ServiceConnect/],
      ["ReceiverDisconnectedError", /its own \(consumerGroup\)/],
      ["QuotaExceededError", /five readers/],
      ["MessagingEntityNotFoundError", /create the consumer group/],
      ["ETIMEDOUT", /port 443/],
    ] as const) {
      const readMessages = async () => {
        throw new EventsError(code, "refused");
      };
      await assert.rejects(handler({ readMessages }).create(inputs), (error: Error) => {
        assert.ok(
          error.message.includes(`at sb://ns.servicebus.windows.net/, consumer group $Default: ${code}: refused`),
        );
        assert.match(error.message, remedy);
        return true;
      });
    }
    const missing = new EventsError("ModuleNotFound", "needs it.\n  To fix: npm install @azure/event-hubs");
    await assert.rejects(
      handler({ readMessages: () => Promise.reject(missing) }).create(inputs),
      (error: Error) => error.message.split("To fix:").length === 2,
    );
  });

  it("names a policy or a hub that does not exist", async () => {
    await assert.rejects(
      handler().create(await inputsOf({ messages: [MESSAGE], policy: "none" })),
      /no shared access policy "none".*To fix: .*ServiceConnect/s,
    );
    azure.hubs.clear();
    await assert.rejects(handler().create(await inputsOf({ messages: [MESSAGE] })), /no hub "hub".*To fix: /s);
  });

  it("checks its inputs, and passes unknown ones", async () => {
    const wrong = await handler().check({}, { messages: [{ deviceId: 1 }], timeoutSeconds: 0 });
    assert.deepEqual(
      wrong.failures.map(({ property }) => property),
      ["hubId", "messages", "timeoutSeconds"],
    );
    for (const messages of [UNKNOWN, [UNKNOWN], [{ ...MESSAGE, messageId: UNKNOWN }]])
      assert.deepEqual((await handler().check({}, { hubId: HUB, messages })).failures, []);
    const { id, outs } = await handler().create(await inputsOf({ messages: [MESSAGE] }));
    const unknown = { ...(await inputsOf({ messages: [MESSAGE] })), messages: UNKNOWN };
    assert.deepEqual(await handler().diff(id, outs, unknown), { changes: true, replaces: [] });
  });
});
