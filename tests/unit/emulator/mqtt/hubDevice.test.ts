import { strict as assert } from "node:assert";
import type { IPublishPacket } from "mqtt-packet";
import { createSas } from "../../../../azure/sas";
import { FaultInjector } from "../../../../emulator/control/faultInjector";
import type { ClientKey } from "../../../../emulator/hub/connections/clientKey";
import type { DeviceBoundDraft } from "../../../../emulator/hub/messages/cloudToDeviceQueue";
import { DataPlane, HUB_HOST, keyOf } from "../../../cast/dataPlane";
import type { MqttClient } from "../../../cast/mqttClient";
import { MqttHarness } from "../../../cast/mqttHarness";

const ID = "pump";
const DEVICE_BOUND = `devices/${ID}/messages/devicebound/`;
const EVENTS = `devices/${ID}/messages/events/`;

describe("a device at its hub over MQTT", () => {
  let harness: MqttHarness;
  let client: ClientKey;
  beforeEach(async () => {
    harness = new MqttHarness();
    client = await harness.register(ID);
  });

  const turns = async (count = 20): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
  };
  const publish = (
    device: MqttClient,
    topic: string,
    payload: string | Buffer = "",
    more: Partial<IPublishPacket> = {},
  ) => device.send({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false, messageId: 9, ...more });
  /** Waits until the hub has processed what the device has sent. */
  const settled = async (device: MqttClient): Promise<void> => {
    device.send({ cmd: "pingreq" });
    await device.next("pingresp");
  };
  const events = () => harness.plane.hubs.events.read("hub-1") ?? [];

  describe("sends telemetry", () => {
    it("with all properties, and marks a retained message", async () => {
      const device = await harness.connect(ID);
      const bag =
        "%24.mid=m&%24.cid=c&%24.ct=application%2Fjson&%24.ce=utf-8&%24.to=t&%24.uid=u&%24.exp=e&%24.on=o&%24.sub=s&%24.ifid=i&%24.ctime=t&a%20b=c%2Fd&plus=1+1&none";
      publish(device, `${EVENTS}${bag}`, "{}", { qos: 1, retain: true });
      assert.equal((await device.next("puback")).messageId, 9);
      const [event] = events();
      assert.deepEqual(event?.properties, { "a b": "c/d", plus: "1+1", none: "", "mqtt-retain": "true" });
      assert.deepEqual(
        [event?.systemProperties["message-id"], event?.systemProperties["user-id"], event?.body],
        ["m", "u", {}],
      );
    });

    it("at the hub of its user name, if it names no host in TLS", async () => {
      const device = await harness.connect(ID, { host: "" });
      publish(device, `${EVENTS}a=b`, "{}", { qos: 1 });
      assert.equal((await device.next("puback")).messageId, 9);
    });

    it("with the digital twin model that its user name has, which its twin shows", async () => {
      const model = async () =>
        (await harness.plane.ask("Devices_GetTwin", { params: { deviceId: ID }, body: undefined })).body.modelId;
      assert.equal(await model(), "");
      for (const modelId of ["dtmi:com:example:Thermostat;1", "dtmi:com:example:Thermostat;2"]) {
        const device = await harness.connect(ID, { modelId });
        assert.equal(await model(), modelId);
        publish(device, EVENTS, "21", { qos: 1 });
        await device.next("puback");
        assert.equal(events().at(-1)?.systemProperties["dt-dataschema"], modelId);
      }
      const device = await harness.connect(ID);
      publish(device, EVENTS, "21", { qos: 1 });
      await device.next("puback");
      assert.equal(events().at(-1)?.systemProperties["dt-dataschema"], undefined);
      assert.equal(await model(), "dtmi:com:example:Thermostat;2");
    });

    it("and gets the acknowledgements in order, of messages that share a commit", async () => {
      const device = await harness.connect(ID);
      for (let messageId = 1; messageId <= 40; messageId += 1) publish(device, EVENTS, "x", { qos: 1, messageId });
      for (let messageId = 1; messageId <= 40; messageId += 1) {
        assert.equal((await device.next("puback")).messageId, messageId);
      }
      assert.equal(events().length, 40);
    });

    it("of at most 256 KB, properties included", async () => {
      const device = await harness.connect(ID);
      publish(device, `${EVENTS}a=b`, Buffer.alloc(256 * 1024 - 2), { qos: 1 });
      await device.next("puback");
      publish(device, `${EVENTS}a=b`, Buffer.alloc(256 * 1024 - 1), { qos: 1 });
      await device.closed;
      assert.match(harness.log.at(-1) ?? "", /MessageTooLarge/);
      assert.equal(events().length, 1);
    });

    it("and loses the connection where the hub refuses it", async () => {
      const faults = new FaultInjector();
      harness = new MqttHarness(harness.plane, (definition) => faults.guard(definition));
      faults.set([{ service: "hub", operation: "Device_SendDeviceEvent", status: 429 }]);
      const device = await harness.connect(ID);
      publish(device, EVENTS, "x", { qos: 1 });
      await device.closed;
      assert.match(harness.log.at(-1) ?? "", /429/);
    });
  });

  describe("receives cloud-to-device messages", () => {
    const send = (text: string, more: Partial<DeviceBoundDraft> = {}): void => {
      const hub = harness.plane.directory.hub(HUB_HOST) ?? assert.fail();
      const draft = { body: Buffer.from(text), properties: {}, ...more };
      harness.plane.hubs.devices.messages.send(hub, { ...client, generationId: "1" }, draft);
    };
    const count = () => harness.plane.hubs.devices.messages.count(client);
    const feedback = () => {
      const hub = harness.plane.directory.hub(HUB_HOST) ?? assert.fail();
      const records = harness.plane.hubs.devices.messages.feedback.receive(hub)?.records ?? [];
      return records.map(({ statusCode }) => statusCode);
    };

    it("those that wait when it subscribes, and later ones, and completes them by PUBACK", async () => {
      const system = {
        messageId: "m",
        correlationId: "c",
        userId: "u",
        contentType: "text/plain",
        contentEncoding: "utf-8",
      };
      send("waits", { ...system, ack: "full", properties: { "a b": "c/d", empty: "" } });
      const device = await harness.connect(ID);
      assert.equal(await device.subscribe(`${DEVICE_BOUND}#`), 1);
      const first = await device.next("publish");
      assert.deepEqual(
        [first.topic, String(first.payload), first.qos, first.dup],
        [
          `${DEVICE_BOUND}%24.mid=m&%24.to=%2Fdevices%2Fpump%2Fmessages%2Fdevicebound&%24.cid=c&%24.uid=u&%24.ct=text%2Fplain&%24.ce=utf-8&iothub-ack=full&a%20b=c%2Fd&empty=`,
          "waits",
          1,
          false,
        ],
      );
      send("later");
      const second = await device.next("publish");
      assert.equal(second.topic, `${DEVICE_BOUND}%24.to=%2Fdevices%2Fpump%2Fmessages%2Fdevicebound`);
      assert.equal(count(), 2);
      device.send({ cmd: "puback", messageId: first.messageId ?? 0 });
      device.send({ cmd: "puback", messageId: first.messageId ?? 0 });
      device.send({ cmd: "puback", messageId: 999 });
      await settled(device);
      await turns();
      assert.equal(count(), 1);
      assert.deepEqual(feedback(), ["Success"]);
    });

    it("with the expiry that its sender has set", async () => {
      const device = await harness.connect(ID);
      await device.subscribe(`${DEVICE_BOUND}#`);
      send("soon", { messageId: "m", expires: new Date("2026-03-01T12:00:30.5Z") });
      const { topic } = await device.next("publish");
      assert.ok(topic.startsWith(`${DEVICE_BOUND}%24.mid=m&%24.exp=2026-03-01T12%3A00%3A30.500Z&%24.to=`), topic);
    });

    it("with QoS 0 without acknowledgement", async () => {
      const device = await harness.connect(ID);
      assert.equal(await device.subscribe(`${DEVICE_BOUND}#`, 0), 0);
      send("once", { ack: "full" });
      assert.equal((await device.next("publish")).qos, 0);
      await turns();
      assert.equal(count(), 0);
      assert.deepEqual(feedback(), ["Success"]);
    });

    it("again when the connection ends before PUBACK, marked as a duplicate, ten times at most", async () => {
      send("again", { ack: "negative" });
      for (let delivery = 0; delivery < 10; delivery += 1) {
        const device = await harness.connect(ID);
        await device.subscribe(`${DEVICE_BOUND}#`);
        assert.equal((await device.next("publish")).dup, delivery > 0);
        device.drop();
        await turns();
      }
      assert.equal(count(), 0);
      assert.deepEqual(feedback(), ["DeliveryCountExceeded"]);
    });

    it("again when it does not acknowledge within the lock; a late PUBACK completes nothing", async () => {
      const device = await harness.connect(ID);
      await device.subscribe(`${DEVICE_BOUND}#`);
      send("slow");
      const first = await device.next("publish");
      harness.plane.clock.advance(61);
      const { messages } = harness.plane.hubs.devices;
      assert.equal(messages.complete(client, "other"), false);
      messages.sweep();
      const again = await device.next("publish");
      assert.notEqual(again.messageId, first.messageId);
      device.send({ cmd: "puback", messageId: first.messageId ?? 0 });
      await settled(device);
      await turns();
      assert.equal(count(), 1);
      device.send({ cmd: "puback", messageId: again.messageId ?? 0 });
      await settled(device);
      await turns();
      assert.equal(count(), 0);
    });

    it("only while it is subscribed", async () => {
      const device = await harness.connect(ID);
      send("waits");
      await turns();
      await device.subscribe(`${DEVICE_BOUND}#`);
      await device.next("publish");
      device.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: [`${DEVICE_BOUND}#`] });
      await device.next("unsuback");
      send("later");
      await turns();
      await settled(device);
      assert.equal(count(), 2);
    });

    it("without subscribing again where it connects with CleanSession 0, as long as it does", async () => {
      const session = { clean: false };
      const first = await harness.connect(ID, session);
      await first.subscribe(`${DEVICE_BOUND}#`);
      first.send({ cmd: "disconnect" });
      await first.closed;
      send("waits");
      harness = new MqttHarness(new DataPlane({ database: harness.plane.database }));
      const second = await harness.connect(ID, session);
      const message = await second.next("publish");
      assert.equal(String(message.payload), "waits");
      second.send({ cmd: "puback", messageId: message.messageId ?? 0 });
      second.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: [`${DEVICE_BOUND}#`] });
      await second.next("unsuback");
      send("not subscribed");
      await turns();
      await settled(second);
      await second.subscribe(`${DEVICE_BOUND}#`);
      await second.next("publish");
      const clean = await harness.connect(ID, { clean: true });
      await turns();
      await settled(clean);
      const third = await harness.connect(ID, session);
      await turns();
      await settled(third);
    });

    it("with one change of its session for the same filter again and again", async () => {
      const device = await harness.connect(ID, { clean: false });
      const before = harness.plane.database.get("SELECT total_changes() AS n");
      const subscriptions = Array.from({ length: 1000 }, () => ({ topic: "$iothub/methods/POST/#", qos: 1 as const }));
      device.send({ cmd: "subscribe", messageId: 1, subscriptions });
      assert.equal((await device.next("suback")).granted.length, 1000);
      device.send({ cmd: "unsubscribe", messageId: 2, unsubscriptions: subscriptions.map(({ topic }) => topic) });
      await device.next("unsuback");
      const after = harness.plane.database.get("SELECT total_changes() AS n");
      assert.ok(Number(after?.n) - Number(before?.n) < 10);
      assert.deepEqual(harness.plane.hubs.devices.sessions.open(client, false), new Map());
    });

    it("says in CONNACK whether it still knows the session", async () => {
      const presence: boolean[] = [];
      for (const clean of [false, false, true, false]) {
        const device = harness.stream();
        const expiry = Math.floor(harness.plane.clock.now().getTime() / 1000) + 60;
        const password = Buffer.from(createSas(`${HUB_HOST}/devices/${ID}`, keyOf("device"), expiry));
        const username = `${HUB_HOST}/${ID}/?api-version=2021-04-12`;
        device.send({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean,
          clientId: ID,
          username,
          password,
        });
        presence.push((await device.next("connack")).sessionPresent);
        if (presence.length === 1) await device.subscribe("$iothub/methods/POST/#");
      }
      assert.deepEqual(presence, [false, true, false, false]);
    });

    it("all 50 of a full queue, in order", async () => {
      for (let index = 0; index < 50; index += 1) send(String(index).padEnd(60_000, "."));
      const device = await harness.connect(ID);
      await device.subscribe(`${DEVICE_BOUND}#`);
      for (let index = 0; index < 50; index += 1) {
        const { payload, messageId = 0 } = await device.next("publish");
        assert.equal(Number.parseInt(String(payload).slice(0, 2), 10), index);
        device.send({ cmd: "puback", messageId });
      }
      await settled(device);
      await turns();
      assert.equal(count(), 0);
    });
  });

  describe("uses its twin", () => {
    const patch = (desired: object, method = "Devices_UpdateTwin") =>
      harness.plane.ask(method, { params: { deviceId: ID }, body: { properties: { desired } } });

    it("reads it, and reports properties with their new version", async () => {
      await patch({ interval: 5 });
      const device = await harness.connect(ID);
      await device.subscribe("$iothub/twin/res/#", 0);
      publish(device, "$iothub/twin/GET/?$rid=r%201", " ");
      const twin = await device.next("publish");
      assert.equal(twin.topic, "$iothub/twin/res/200/?$rid=r%201");
      assert.deepEqual(JSON.parse(String(twin.payload)), {
        desired: { interval: 5, $version: 2 },
        reported: { $version: 1 },
      });
      publish(device, "$iothub/twin/PATCH/properties/reported/?$rid=2", '{"a":{"b":1},"gone":null}');
      const done = await device.next("publish");
      assert.deepEqual([done.topic, String(done.payload)], ["$iothub/twin/res/204/?$rid=2&$version=2", ""]);
      const { body } = await harness.plane.ask("Devices_GetTwin", { params: { deviceId: ID } });
      assert.deepEqual([body.properties.reported.a, body.properties.reported.$version], [{ b: 1 }, 2]);
      assert.equal(body.lastActivityTime, "2026-03-01T12:00:00.000Z");
    });

    it("gets an error for properties that the hub does not take", async () => {
      const device = await harness.connect(ID);
      await device.subscribe("$iothub/twin/res/#");
      const wrong = ["{", "[]", "1", "", '"a"', '{"a b":1}', JSON.stringify({ a: "x".repeat(4097) })];
      for (const payload of wrong) {
        publish(device, "$iothub/twin/PATCH/properties/reported/?$rid=7", payload);
        const { topic, payload: reply } = await device.next("publish");
        assert.equal(topic, "$iothub/twin/res/400/?$rid=7", payload);
        assert.equal(JSON.parse(String(reply)).errorCode, 400004);
      }
      const twin = await harness.plane.ask("Devices_GetTwin", { params: { deviceId: ID } });
      assert.equal(twin.body.properties.reported.$version, 1);
    });

    it("learns each change of its desired properties while it is subscribed, and none that failed", async () => {
      const filter = "$iothub/twin/PATCH/properties/desired/#";
      const device = await harness.connect(ID);
      await patch({ before: 1 });
      await turns();
      await device.subscribe(filter);
      await patch({ before: null, now: { at: 1 } });
      const first = await device.next("publish");
      assert.equal(first.topic, "$iothub/twin/PATCH/properties/desired/?$version=3");
      assert.deepEqual(JSON.parse(String(first.payload)), { before: null, now: { at: 1 }, $version: 3 });
      assert.equal((await patch({ "a b": 1 })).status, 400);
      const large = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`a${index}`, "x".repeat(4000)]));
      assert.equal((await patch(large)).status, 200);
      await device.next("publish");
      const larger = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`b${index}`, "x".repeat(4000)]));
      assert.equal((await patch(larger)).status, 400, "too large as a whole: rolled back");
      await harness.plane.ask("Devices_UpdateTwin", { params: { deviceId: ID }, body: { tags: { a: 1 } } });
      await patch({ whole: 1 }, "Devices_ReplaceTwin");
      const last = await device.next("publish");
      assert.deepEqual(JSON.parse(String(last.payload)), { whole: 1, $version: 5 });
      device.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: [filter] });
      await device.next("unsuback");
      await patch({ unseen: 1 });
      await turns();
      await settled(device);
    });

    it("learns that all desired properties are removed", async () => {
      await patch({ a: 1, b: { c: 2 } });
      await turns();
      const device = await harness.connect(ID);
      await device.subscribe("$iothub/twin/PATCH/properties/desired/#");
      const body = { properties: { desired: null } };
      const { body: twin } = await harness.plane.ask("Devices_UpdateTwin", { params: { deviceId: ID }, body });
      assert.deepEqual(Object.keys(twin.properties.desired), ["$metadata", "$version"]);
      const message = await device.next("publish");
      assert.deepEqual(JSON.parse(String(message.payload)), { a: null, b: null, $version: 3 });
    });

    it("gets no reply where it has not subscribed", async () => {
      const device = await harness.connect(ID);
      publish(device, "$iothub/twin/GET/?$rid=1");
      await settled(device);
    });
  });

  describe("responds to direct methods", () => {
    const call = { name: "re boot", payload: { in: 5 }, connectTimeoutMs: 0, responseTimeoutMs: 30_000 };
    const invoke = (payload: unknown = call.payload) =>
      harness.plane.hubs.devices.methods.invoke(client, { ...call, payload });

    it("with a status and JSON, or nothing", async () => {
      const device = await harness.connect(ID);
      await device.subscribe("$iothub/methods/POST/#", 0);
      for (const [number, reply, payload] of [
        ["1", '{"ok":true}', { ok: true }],
        ["2", "", null],
      ] as const) {
        const pending = invoke();
        const { topic, payload: given } = await device.next("publish");
        const [, rid] = /^\$iothub\/methods\/POST\/re%20boot\/\?\$rid=(.+)$/.exec(topic) ?? [];
        assert.equal(rid, number);
        assert.deepEqual(JSON.parse(String(given)), { in: 5 });
        publish(device, "$iothub/methods/res/200/?$rid=unknown", "{}");
        publish(device, `$iothub/methods/res/201/?$rid=${rid}`, reply);
        assert.deepEqual(await pending, { status: 201, payload });
      }
      const withNull = invoke(null);
      assert.equal(String((await device.next("publish")).payload), "null");
      // azure-iot-sdk-c, IotHub_MQTT_Method_Call_With_NULL_Json_x509; azure-iot-sdk-python#761.
      const withNothing = harness.plane.hubs.devices.methods.invoke(client, { ...call, payload: undefined });
      assert.equal(String((await device.next("publish")).payload), "");
      device.drop();
      await assert.rejects(withNull, /DeviceNotOnline/);
      await assert.rejects(withNothing, /DeviceNotOnline/);
    });

    it("and the call fails where its response is not JSON", async () => {
      const device = await harness.connect(ID);
      await device.subscribe("$iothub/methods/POST/#", 0);
      const pending = invoke();
      const rid = (await device.next("publish")).topic.split("$rid=")[1];
      publish(device, `$iothub/methods/res/200/?$rid=${rid}`, "{broken");
      await assert.rejects(pending, /BadDeviceResponse/);
    });

    it("only while it is subscribed", async () => {
      const device = await harness.connect(ID);
      await assert.rejects(invoke(), /DeviceNotOnline/);
      await device.subscribe("$iothub/methods/POST/#", 0);
      device.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: ["$iothub/methods/POST/#"] });
      await device.next("unsuback");
      await assert.rejects(invoke(), /DeviceNotOnline/);
    });
  });

  describe("loses its connection", () => {
    const ends = async (work: (device: MqttClient) => unknown, reason: RegExp): Promise<void> => {
      const device = await harness.connect(ID);
      work(device);
      await device.closed;
      assert.match(harness.log.at(-1) ?? "", reason);
    };

    it("at a topic that the hub does not have, and with QoS 2", async () => {
      for (const topic of [
        "telemetry",
        "devices/other/messages/events/",
        `devices/${ID}/messages/devicebound/`,
        `devices/${ID}/modules/m/messages/events/`,
        "$iothub/twin/PATCH/properties/desired/?$rid=1",
        "$iothub/methods/res/ok/?$rid=1",
        "$iothub/twin/GET",
      ]) {
        await ends((device) => publish(device, topic), /does not have the topic/);
      }
      await ends((device) => publish(device, `${EVENTS}a=%zz`), /URI malformed/);
      await ends((device) => publish(device, `${EVENTS}%24.odd=1`), /NotEmulated/);
      await ends((device) => publish(device, EVENTS, "x", { qos: 2 }), /QoS 2/);
    });

    it("at a filter that the hub does not have", async () => {
      for (const topic of ["#", "+/#", "devices/other/messages/devicebound/#", DEVICE_BOUND, "$iothub/#"]) {
        await ends(
          (device) => device.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 1 }] }),
          /does not have the topic filter/,
        );
      }
    });

    it("when its device is disabled or deleted, or connects again", async () => {
      const device = await harness.connect(ID);
      const newer = await harness.connect(ID);
      await device.closed;
      const authorization = harness.plane.sas(HUB_HOST, "iothubowner");
      const headers = { authorization, "if-match": "*" };
      await harness.plane.ask("Devices_DeleteIdentity", { params: { deviceId: ID }, headers });
      await newer.closed;
      assert.deepEqual(
        harness.log.filter((line) => line.startsWith("disconnected")),
        ["disconnected the client has a new connection", "disconnected the device is deleted"],
      );
    });

    it("when it is disabled while it connects with a model", async () => {
      const { plane } = harness;
      const headers = { authorization: plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" };
      const body = { deviceId: ID, status: "disabled" };
      const setModel = async () =>
        void (await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: ID }, headers, body }));
      Object.assign(plane.hubs.devices, { setModel });
      await assert.rejects(harness.connect(ID, { modelId: "dtmi:com:example:Thermostat;1" }), /5 !== 0/);
      assert.equal(plane.hubs.devices.connections.find(client), undefined);
    });

    it("with a model whose ID is too long, which each of its events would have", async () => {
      await assert.rejects(harness.connect(ID, { modelId: `dtmi:${"a".repeat(2048)};1` }), /4 !== 0/);
    });

    it("when its signature expires", async () => {
      const { setTimeout: real } = globalThis;
      const timers: { work: () => void; ms: number }[] = [];
      globalThis.setTimeout = ((work: () => void, ms: number) => {
        timers.push({ work, ms });
        return { refresh: () => undefined, unref: () => undefined };
      }) as unknown as typeof setTimeout;
      try {
        const device = await harness.connect(ID, { seconds: 600, keepalive: 0 });
        assert.deepEqual(
          timers.map(({ ms }) => ms),
          [30_000, 600_000, 1_767_000],
        );
        timers[1]?.work();
        await device.closed;
        assert.equal(harness.log.at(-1), "disconnected the shared access signature has expired");
        const pinging = await harness.connect(ID, { keepalive: 180 });
        assert.equal(timers.at(-1)?.ms, 270_000);
        pinging.drop();
      } finally {
        globalThis.setTimeout = real;
      }
    });
  });

  describe("has modules that connect beside it", () => {
    it("with telemetry, twin and methods of their own", async () => {
      const key = await harness.registerModule(ID, "filter");
      const device = await harness.connect(ID);
      const module = await harness.connect(`${ID}/filter`);
      publish(module, `devices/${ID}/modules/filter/messages/events/a=b`, "x", { qos: 1 });
      await module.next("puback");
      const [event] = events();
      assert.deepEqual(
        [event?.properties, event?.systemProperties["iothub-connection-module-id"]],
        [{ a: "b" }, "filter"],
      );
      for (const filter of [`devices/${ID}/modules/filter/#`, "$iothub/twin/res/#", "$iothub/methods/POST/#"]) {
        assert.equal(await module.subscribe(filter), 1);
      }
      publish(module, "$iothub/twin/PATCH/properties/reported/?$rid=1", '{"a":1}');
      assert.equal((await module.next("publish")).topic, "$iothub/twin/res/204/?$rid=1&$version=2");
      const call = { name: "clean", payload: null, connectTimeoutMs: 0, responseTimeoutMs: 30_000 };
      const pending = harness.plane.hubs.devices.methods.invoke(key, call);
      const rid = (await module.next("publish")).topic.split("$rid=")[1];
      publish(module, `$iothub/methods/res/200/?$rid=${rid}`, "{}");
      assert.equal((await pending).status, 200);
      publish(device, "$iothub/twin/GET/?$rid=1");
      await settled(device);
      publish(module, EVENTS, "of the device");
      await module.closed;
    });

    it("and whose connections end with it", async () => {
      await harness.registerModule(ID, "filter");
      const module = await harness.connect(`${ID}/filter`);
      const headers = { authorization: harness.plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" };
      await harness.plane.ask("Devices_DeleteIdentity", { params: { deviceId: ID }, headers });
      await module.closed;
    });

    it("and that leave nothing to a later one of their name, also when a deployment removes them", async () => {
      const { plane } = harness;
      const { devices } = plane.hubs;
      const headers = { authorization: plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" };
      const body = { deviceId: ID, capabilities: { iotEdge: true } };
      await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: ID }, headers, body });
      const params = { deviceId: ID, moduleId: "filter" };
      const content = { "properties.desired": {} };
      const without = { modulesContent: { $edgeAgent: content, $edgeHub: content } };
      for (const [operation, more] of [
        ["Modules_DeleteIdentity", { params, headers }],
        ["Configuration_ApplyOnEdgeDevice", { params, body: without }],
      ] as const) {
        const key = await harness.registerModule(ID, "filter", { managedBy: "IotEdge" });
        const module = await harness.connect(`${ID}/filter`, { clean: false });
        await module.subscribe("$iothub/methods/POST/#");
        const hub = plane.directory.hub(HUB_HOST) ?? assert.fail();
        const draft = { body: Buffer.from("hello"), properties: {} };
        devices.messages.send(hub, { ...key, generationId: "1" }, draft);
        assert.equal((await plane.ask(operation, more)).status < 300, true);
        await module.closed;
        assert.equal(devices.messages.count(key), 0);
        assert.equal(devices.sessions.open(key, false), undefined);
      }
    });
  });

  it("gets its twin for each request of many at once, however large it is", async () => {
    const reported = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`a${index}`, "x".repeat(4000)]));
    await harness.plane.hubs.devices.patchReported(client, reported);
    const device = await harness.connect(ID);
    await device.subscribe("$iothub/twin/res/#", 0);
    for (let index = 0; index < 300; index += 1) publish(device, `$iothub/twin/GET/?$rid=${index}`);
    for (let index = 0; index < 300; index += 1) {
      assert.equal((await device.next("publish")).topic, `$iothub/twin/res/200/?$rid=${index}`);
    }
  });

  it("does not fill the memory of a hub when it does not read", async () => {
    const device = await harness.connect(ID);
    await device.subscribe("$iothub/methods/POST/#", 0);
    const call = { name: "m", payload: "x".repeat(100_000), connectTimeoutMs: 0, responseTimeoutMs: 30_000 };
    const calls = Array.from({ length: 101 }, () => harness.plane.hubs.devices.methods.invoke(client, call));
    const outcomes = Promise.allSettled(calls);
    await turns();
    device.drop();
    assert.ok((await outcomes).every(({ status }) => status === "rejected"));
  });

  it("has its will sent after a broken connection, with its properties, and not after DISCONNECT", async () => {
    const will = { topic: `${EVENTS}a=b`, payload: Buffer.from("gone"), qos: 1, retain: true } as const;
    const polite = await harness.connect(ID, { will });
    polite.send({ cmd: "disconnect" });
    await polite.closed;
    (await harness.connect(ID, { will })).drop();
    await turns();
    assert.deepEqual(
      events().map(({ properties, body }) => [properties, body]),
      [[{ a: "b", "mqtt-retain": "true", "iothub-MessageType": "Will" }, "gone"]],
    );
  });

  it("has no will once its device is disabled or deleted, or its hub is deleted", async () => {
    const will = { topic: EVENTS, payload: Buffer.from("gone"), qos: 1, retain: false } as const;
    const { plane } = harness;
    const headers = { authorization: plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" };
    const stored = () => plane.database.all("SELECT * FROM hub_event_batch").length;
    const change = async (operation: string, body?: object) => {
      const device = await harness.connect(ID, { will });
      assert.equal((await plane.ask(operation, { params: { deviceId: ID }, headers, body })).status < 300, true);
      await device.closed;
      await turns();
    };
    await change("Devices_CreateOrUpdateIdentity", { deviceId: ID, status: "disabled" });
    await plane.ask("Devices_DeleteIdentity", { params: { deviceId: ID }, headers });
    await harness.register(ID);
    await change("Devices_DeleteIdentity");
    await harness.register(ID);
    const device = await harness.connect(ID, { will });
    const [deleted, ...others] = plane.directory.hubs;
    // One of the same name is there at once.
    plane.directory.hubs = [{ ...(deleted ?? assert.fail()), key: "hub-key-new" }, ...others];
    plane.directory.remove("hub", deleted?.key ?? "");
    await device.closed;
    await turns();
    assert.equal(stored(), 0);
  });

  it("leaves its messages to its next connection, whatever the topic of its will", async () => {
    for (const name of ["%zz", "$.unknown=1"]) {
      const will = { topic: `${EVENTS}${name}`, payload: Buffer.from("gone"), qos: 1, retain: false } as const;
      const device = await harness.connect(ID, { will });
      await device.subscribe(`${DEVICE_BOUND}#`);
      device.drop();
      await turns();
      const hub = harness.plane.directory.hub(HUB_HOST) ?? assert.fail();
      const { messages } = harness.plane.hubs.devices;
      messages.send(hub, { ...client, generationId: "1" }, { body: Buffer.from("hello"), properties: {} });
      await turns();
      const received = messages.receive(client) ?? assert.fail();
      assert.equal(received.deliveries, 0);
      messages.complete(client, received.lockToken);
    }
    assert.deepEqual(events(), []);
  });
});
