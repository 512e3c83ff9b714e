import { strict as assert } from "node:assert";
import { QuerySyntaxError } from "../../../../emulator/hub/queries/querySyntaxError";
import { conditionOf, meetsCondition } from "../../../../emulator/hub/routing/routeCondition";
import type { HubRecord, HubRouting } from "../../../../emulator/kernel/directory";
import { DataPlane, HUB_HOST } from "../../../cast/dataPlane";

const EVENTS = ["events"];
const TELEMETRY = "DeviceMessages";

describe("message routing", () => {
  let plane: DataPlane;
  const warnings: Readonly<Record<string, unknown>>[] = [];

  beforeEach(async () => {
    warnings.length = 0;
    plane = new DataPlane({ warnOfRouting: (detail) => warnings.push(detail) });
    await plane.ask("Devices_CreateOrUpdateIdentity", {
      params: { deviceId: "dev-1" },
      body: { deviceId: "dev-1", authentication: { type: "sas" } },
    });
  });

  function configure(routing: Partial<HubRouting>): void {
    const [hub, ...others] = plane.directory.hubs as [HubRecord, ...HubRecord[]];
    plane.directory.hubs = [{ ...hub, routing: { ...hub.routing, ...routing } }, ...others];
  }

  const route = (condition: string, endpointNames: readonly string[] = EVENTS, source = TELEMETRY) => ({
    source,
    condition,
    endpointNames,
    isEnabled: true,
  });

  const send = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    plane.ask("Device_SendDeviceEvent", {
      params: { deviceId: "dev-1" },
      headers: {
        authorization: plane.sas(HUB_HOST, "device"),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        ...headers,
      },
      raw: Buffer.from(JSON.stringify(body)),
    });

  const arrived = () => plane.hubs.events.read("hub-1") ?? [];
  const bodies = () => arrived().map(({ body }) => body);

  it("sends a message to the endpoints of the routes that it meets, once each", async () => {
    configure({ routes: [route("level = 'high'"), route("$body.temperature > 30")] });
    await send({ temperature: 40 }, { "iothub-app-Level": "high" });
    assert.deepEqual(bodies(), [{ temperature: 40 }]);
  });

  it("evaluates a condition however long it is", async () => {
    configure({ routes: [route(`${"LEVEL = 'low' OR ".repeat(20_000)}level = 'high'`)] });
    await send({ number: 1 }, { "iothub-app-Level": "high" });
    assert.deepEqual(bodies(), [{ number: 1 }]);
  });

  it("sends what meets no route by the fallback route, unless that is off", async () => {
    configure({ routes: [route("false")] });
    await send({ number: 1 });
    configure({ fallback: { ...route("true"), isEnabled: false } });
    await send({ number: 2 });
    assert.deepEqual(bodies(), [{ number: 1 }]);
  });

  it("says loudly that a message does not reach an endpoint that is not emulated", async () => {
    configure({ routes: [route("true", ["my-queue"])] });
    assert.equal((await send({ number: 1 })).status, 204);
    assert.deepEqual(bodies(), []);
    assert.deepEqual(
      warnings.map(({ hub, endpoint }) => [hub, endpoint]),
      [["hub-1", "my-queue"]],
    );
    configure({ routes: [route("true", ["my-queue", "events"])] });
    await send({ number: 2 });
    assert.deepEqual(bodies(), [{ number: 2 }]);
  });

  it("adds enrichments to what reaches the endpoint", async () => {
    await plane.ask("Devices_UpdateTwin", { params: { deviceId: "dev-1" }, body: { tags: { site: "north" } } });
    const enrich = (key: string, value: string, endpointNames = EVENTS) => ({ key, value, endpointNames });
    configure({
      enrichments: [
        enrich("hub", "$iothubname"),
        enrich("site", "$twin.tags.site", ["$default"]),
        enrich("none", "$twin.tags.other"),
        enrich("text", "fixed"),
        enrich("elsewhere", "x", ["my-queue"]),
      ],
    });
    await send({}, { "iothub-app-own": "1" });
    assert.deepEqual(arrived()[0]?.properties, { own: "1", hub: "hub-1", site: "north", text: "fixed" });
  });

  it("sends twin changes, lifecycle and connections only by routes of their sources", async () => {
    const patch = () =>
      plane.ask("Devices_UpdateTwin", {
        params: { deviceId: "dev-1" },
        body: { properties: { desired: { a: 1 } } },
      });
    await patch();
    assert.deepEqual(bodies(), []);
    configure({
      routes: [
        route("true", EVENTS, "TwinChangeEvents"),
        route("opType = 'deleteDeviceIdentity'", EVENTS, "DeviceLifecycleEvents"),
        route("true", EVENTS, "DeviceConnectionStateEvents"),
      ],
    });
    await patch();
    plane.hubs.devices.connections.open({ hub: "hub-key-hub-1", deviceId: "dev-1" }, { end: () => undefined });
    await plane.database.groupCommit(() => undefined);
    await plane.ask("Devices_DeleteIdentity", {
      params: { deviceId: "dev-1" },
      headers: { "if-match": "*", authorization: plane.sas(HUB_HOST, "iothubowner") },
    });
    const seen = arrived().map(({ systemProperties, properties }) => [
      systemProperties["iothub-message-source"],
      properties.opType,
      properties["iothub-message-schema"],
    ]);
    assert.deepEqual(seen[0], ["twinChangeEvents", "updateTwin", "twinChangeNotification"]);
    assert.deepEqual(seen.at(-1), ["deviceLifecycleEvents", "deleteDeviceIdentity", "deviceLifecycleNotification"]);
    assert.ok(seen.some(([, opType]) => opType === "deviceConnected"));
    const { version, properties } = (arrived()[0]?.body ?? {}) as Record<
      string,
      { readonly desired: { readonly a: number } }
    >;
    assert.deepEqual([version, properties?.desired.a], [3, 1]);
  });

  describe("notifications", () => {
    const owner = () => ({ authorization: plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" });
    beforeEach(() =>
      configure({
        routes: ["TwinChangeEvents", "DeviceLifecycleEvents", "DeviceConnectionStateEvents"].map((source) =>
          route("true", EVENTS, source),
        ),
      }),
    );
    const last = () => arrived().at(-1) ?? assert.fail("no event");

    it("of a replaced twin have the whole twin", async () => {
      const body = { tags: { site: "north" }, properties: { desired: { a: 1 } } };
      const { body: twin } = await plane.ask("Devices_ReplaceTwin", { params: { deviceId: "dev-1" }, body });
      const { properties, body: notified } = last();
      assert.equal(properties.opType, "replaceTwin");
      const { deviceId, etag, version, tags, properties: sections } = twin;
      assert.deepEqual(notified, { deviceId, etag, version, tags, properties: sections });
    });

    it("of modules name the module, and have its twin, to its deletion", async () => {
      const params = { deviceId: "dev-1", moduleId: "camera" };
      await plane.ask("Modules_CreateOrUpdateIdentity", { params, body: params });
      await plane.ask("Modules_CreateOrUpdateIdentity", { params, body: params, headers: owner() });
      await plane.ask("Modules_DeleteIdentity", { params, headers: owner() });
      const seen = arrived();
      assert.deepEqual(
        seen.map(({ properties }) => [properties.opType, properties.moduleId, properties["iothub-message-schema"]]),
        ["createDeviceIdentity", "deleteDeviceIdentity"].map((opType) => [
          opType,
          "camera",
          "deviceLifecycleNotification",
        ]),
      );
      for (const { systemProperties, body } of seen) {
        assert.equal(systemProperties["iothub-connection-module-id"], "camera");
        assert.equal(systemProperties["iothub-message-source"], "deviceLifecycleEvents");
        const { deviceId, moduleId, etag, properties } = body as Record<string, unknown>;
        assert.deepEqual([deviceId, moduleId, etag], ["dev-1", "camera", "AAAAAAAAAAE="]);
        assert.deepEqual(Object.keys(properties as object), ["desired", "reported"]);
      }
    });

    it("of a device have its twin, to its deletion", async () => {
      await plane.ask("Devices_DeleteIdentity", { params: { deviceId: "dev-1" }, headers: owner() });
      const { properties, body } = last();
      assert.equal(properties.opType, "deleteDeviceIdentity");
      const { deviceId, version } = body as Record<string, unknown>;
      assert.deepEqual([deviceId, version], ["dev-1", 1]);
    });

    it("of connections have a number that rises, and the same operation for modules", async () => {
      const client = { hub: "hub-key-hub-1", deviceId: "dev-1" };
      for (const moduleId of [undefined, "camera"]) {
        const connection = plane.hubs.devices.connections.open({ ...client, moduleId }, { end: () => undefined });
        plane.hubs.devices.connections.close(connection);
      }
      await plane.database.groupCommit(() => undefined);
      const seen = arrived();
      assert.deepEqual(
        seen.map(({ properties }) => [properties.opType, properties.moduleId]),
        [
          ["deviceConnected", undefined],
          ["deviceDisconnected", undefined],
          ["deviceConnected", "camera"],
          ["deviceDisconnected", "camera"],
        ],
      );
      const numbers = seen.map(({ body }) => String((body as Record<string, unknown>).sequenceNumber));
      assert.deepEqual([...numbers].sort(), numbers);
      for (const number of numbers) assert.match(number, /^0{16}01DCA[0-9A-F]{43}$/);
      assert.equal(new Set(numbers).size, 4);
    });

    it("have the system properties that Azure documents", async () => {
      await plane.ask("Devices_UpdateTwin", { params: { deviceId: "dev-1" }, body: { tags: { a: 1 } } });
      const { systemProperties, properties } = last();
      const { "correlation-id": correlation, ...system } = systemProperties;
      assert.match(correlation ?? "", /^[0-9a-f]{12}$/);
      assert.deepEqual(system, {
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "user-id": "hub-1",
        "iothub-connection-device-id": "dev-1",
        "iothub-enqueuedtime": "2026-03-01T12:00:00.000Z",
        "iothub-message-source": "twinChangeEvents",
      });
      assert.deepEqual(properties, {
        hubName: "hub-1",
        deviceId: "dev-1",
        operationTimestamp: "2026-03-01T12:00:00.0000000Z",
        "iothub-message-schema": "twinChangeNotification",
        opType: "updateTwin",
      });
    });
  });

  it("reads the language of conditions", () => {
    const document = {
      level: "high",
      number: "7",
      $body: { a: { b: 1 }, list: [1, 2] },
      $contenttype: "application/json",
    };
    for (const [condition, expected] of [
      ["", true],
      ["true", true],
      ["LEVEL = 'high' AND $body.a.b = 1", true],
      ['level = "low" OR number > 3', false],
      ["as_number(number) > 3", true],
      ["NOT IS_DEFINED(missing)", true],
      ["missing = 1", false],
      ["$contentType = 'application/json'", true],
      ["starts_with(level, 'hi') AND level IN ['high', 'low']", true],
      ["$body.list.c = 1", false],
      ["level = ", false],
    ] as const) {
      assert.equal(meetsCondition(condition, document), expected, condition);
    }
    for (const condition of ["level =", "= 1", "nothing(1)", "a b", "'open", "(".repeat(100)]) {
      assert.ok(conditionOf(condition) instanceof QuerySyntaxError, condition);
    }
  });

  it("reads no body that is not JSON in an encoding of Unicode", async () => {
    configure({ routes: [route("$body.number = 1")], fallback: { ...route("true"), isEnabled: false } });
    await send({ number: 1 }, { "content-encoding": "gzip" });
    await send({ number: 1 }, { "content-type": "text/plain" });
    await send("not an object");
    assert.deepEqual(bodies(), []);
    await send({ number: 1 });
    assert.deepEqual(bodies(), [{ number: 1 }]);
  });
});
