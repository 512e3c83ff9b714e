import { strict as assert } from "node:assert";
import { digitalTwinOf } from "../../../../emulator/hub/digitalTwins/digitalTwinDocument";
import { patchOf, pointerOf } from "../../../../emulator/hub/digitalTwins/jsonPatch";
import { DataPlane } from "../../../cast/dataPlane";
import { HubOwner } from "../../../cast/hubOwner";

const HUB = "hub-key-hub-1";
const KEY = { deviceId: "dev-1" };
const PATCH = "DigitalTwin_UpdateDigitalTwin";
const ENTRA = { authorization: "Bearer good@https://iothubs.azure.net" };
const [NOW, LATER] = ["2026-03-01T12:00:00.000Z", "2026-03-01T12:01:00.000Z"];

describe("IoT Hub service API: digital twins", () => {
  let owner: HubOwner;

  beforeEach(async () => {
    owner = new HubOwner();
    await owner.device("dev-1");
  });

  const get = () => owner.done("DigitalTwin_GetDigitalTwin", KEY);
  const patch = (...operations: object[]) => owner.ask(PATCH, KEY, operations);
  const add = (path: string, value: unknown) => ({ op: "add", path, value });
  const report = (reported: Readonly<Record<string, unknown>>) =>
    owner.plane.hubs.devices.patchReported({ hub: HUB, ...KEY }, reported);
  const desired = async () => {
    const { $metadata: _m, $version: _v, ...own } = (await owner.done("Devices_GetTwin", KEY)).properties.desired;
    return own;
  };

  it("are there for every device, with the ETag of its twin", async () => {
    const { headers, body } = await owner.ask("DigitalTwin_GetDigitalTwin", KEY);
    assert.deepEqual(body, { $dtId: "dev-1", $metadata: { $model: "" } });
    assert.equal(headers.etag, (await owner.ask("Devices_GetTwin", KEY)).headers.etag);
    await owner.refused(["DigitalTwin_GetDigitalTwin", { deviceId: "none" }], 404, "DeviceNotFound");
  });

  it("have current and desired values of properties and components, with their acknowledgements", async () => {
    await owner.plane.hubs.devices.setModel({ hub: HUB, ...KEY }, "dtmi:com:example:TemperatureController;1");
    await owner.done("Devices_UpdateTwin", KEY, {
      properties: { desired: { fanSpeed: 2, thermostat1: { __t: "c", targetTemperature: 21.8 } } },
    });
    owner.plane.clock.advance(60);
    await report({
      serialNumber: "alwin",
      fanSpeed: { value: 3, ac: 200, av: 1, ad: "done" },
      thermostat1: { __t: "c", maxTemp: 25.3, targetTemperature: { value: 21.8, ac: 200, av: 2 } },
    });
    assert.deepEqual(await get(), {
      $dtId: "dev-1",
      serialNumber: "alwin",
      fanSpeed: 3,
      thermostat1: {
        maxTemp: 25.3,
        targetTemperature: 21.8,
        $metadata: {
          maxTemp: { lastUpdateTime: LATER },
          targetTemperature: {
            desiredValue: 21.8,
            desiredVersion: 2,
            ackVersion: 2,
            ackCode: 200,
            lastUpdateTime: LATER,
          },
        },
      },
      $metadata: {
        $model: "dtmi:com:example:TemperatureController;1",
        serialNumber: { lastUpdateTime: LATER },
        fanSpeed: {
          desiredValue: 2,
          desiredVersion: 2,
          ackVersion: 1,
          ackCode: 200,
          ackDescription: "done",
          lastUpdateTime: LATER,
        },
      },
    });
  });

  it("change desired properties by JSON Patch, and push them to the device", async () => {
    const { connections } = owner.plane.hubs.devices;
    const connection = connections.open({ hub: HUB, ...KEY }, { end: () => undefined });
    const pushed: unknown[] = [];
    connection.receiveDesired = ({ patch: each }) => pushed.push(each);
    const changed = await patch(add("/fanSpeed", 2), add("/thermostat1", { targetTemperature: 20, $metadata: {} }));
    assert.equal(changed.status, 202);
    assert.match(changed.headers.location ?? "", /^https:\/\/hub-1\.azure-devices\.net\/digitaltwins\/dev-1$/);
    assert.deepEqual(await desired(), { fanSpeed: 2, thermostat1: { __t: "c", targetTemperature: 20 } });
    await patch(
      { op: "replace", path: "/thermostat1/targetTemperature", value: 21 },
      { op: "remove", path: "/fanSpeed" },
    );
    assert.deepEqual(await desired(), { thermostat1: { __t: "c", targetTemperature: 21 } });
    await patch({ op: "remove", path: "/thermostat1/targetTemperature" });
    assert.deepEqual(await desired(), { thermostat1: { __t: "c" } });
    assert.equal(pushed.length, 3);
    const { etag } = await owner.done("Devices_GetTwin", KEY);
    assert.equal((await owner.ask(PATCH, KEY, [add("/a", 1)], { "if-match": `"${etag}"` })).status, 202);
    await owner.refused([PATCH, KEY, [add("/a", 2)], { "if-match": `"${etag}"` }], 412, "PreconditionFailed");
    connections.endAll("the test ends");
  });

  it("refuse what is no patch of a property or component", async () => {
    await report({ room: { size: 1 } });
    for (const [body, words] of [
      [{}, "the body must be"],
      [[], "must not be empty"],
      [[{ op: "move", path: "/a", from: "/b" }], "op must be one of"],
      [[add("a", 1)], "path must be"],
      [[add("/a/b/c", 1)], "path must be"],
      [[add("/$metadata", {})], "path must be"],
      [[add("/__proto__", {})], "path must be"],
      [[add("/a", null)], "value of /a"],
      [[add("/room/size", 2)], "room is no component"],
      [[{ op: "remove", path: "/room/size" }], "room is no component"],
      [[add("/a", "x".repeat(5000))], "more than 4 KB"],
    ] as const) {
      await owner.refused([PATCH, KEY, body], 400, "ArgumentInvalid", words);
    }
    await owner.refused([PATCH, { deviceId: "none" }, [add("/a", 1)]], 404, "DeviceNotFound");
  });

  describe("commands", () => {
    const ROOT = "DigitalTwin_InvokeRootLevelCommand";
    const params = { ...KEY, commandName: "reboot" };

    it("reach the device as direct methods", async () => {
      const { connections, methods } = owner.plane.hubs.devices;
      const connection = connections.open({ hub: HUB, ...KEY }, { end: () => undefined });
      const calls: unknown[] = [];
      connection.receiveMethods = ({ requestId, name, payload }) => {
        calls.push([name, payload]);
        methods.respond(connection, requestId, { status: 203, payload: { done: true } });
      };
      const done = await owner.ask(ROOT, params, { delay: 5 });
      assert.deepEqual([done.status, done.headers["x-ms-command-statuscode"], done.body], [200, "203", { done: true }]);
      await owner.done("DigitalTwin_InvokeComponentCommand", { ...params, componentPath: "thermostat1" });
      assert.deepEqual(calls, [
        ["reboot", { delay: 5 }],
        ["thermostat1*reboot", null],
      ]);
      connections.endAll("the test ends");
    });

    it("are refused for a device that is not there or not connected, and for tokens of Entra ID", async () => {
      await owner.refused([ROOT, params], 404, "DeviceNotOnline");
      await owner.refused([ROOT, { ...params, deviceId: "none" }], 404, "DeviceNotFound");
      await owner.refused([ROOT, params, null, ENTRA], 401, "IotHubUnauthorizedAccess", "signatures only");
    });
  });

  it("are routed as JSON Patch when their properties change", async () => {
    const plane = new DataPlane();
    owner = new HubOwner(plane);
    const source = "DigitalTwinChangeEvents";
    const route = { source, condition: "true", endpointNames: ["events"], isEnabled: true };
    plane.directory.hubs = plane.directory.hubs.map((each) => ({
      ...each,
      routing: { ...each.routing, routes: [route] },
    }));
    await owner.device("dev-1");
    await owner.done("Devices_UpdateTwin", KEY, { tags: { site: "a" } });
    await patch(add("/thermostat1", { targetTemperature: 21.8, $metadata: {} }));
    await report({ thermostat1: { __t: "c", targetTemperature: { value: 21.8, ac: 200, av: 2 } } });
    const events = plane.hubs.events.read("hub-1") ?? [];
    assert.deepEqual(
      events.map(({ body }) => body),
      [
        [
          add("/thermostat1", {
            $metadata: { targetTemperature: { desiredValue: 21.8, desiredVersion: 2 } },
          }),
        ],
        [
          add("/thermostat1/$metadata/targetTemperature/ackCode", 200),
          add("/thermostat1/$metadata/targetTemperature/ackVersion", 2),
          add("/thermostat1/$metadata/targetTemperature/lastUpdateTime", NOW),
          add("/thermostat1/targetTemperature", 21.8),
        ],
      ],
    );
    const [{ systemProperties, properties } = assert.fail()] = events;
    assert.equal(systemProperties["content-type"], "application/json-patch+json");
    assert.equal(systemProperties["iothub-message-source"], "digitalTwinChangeEvents");
    assert.equal(properties.deviceId, "dev-1");
  });
});

describe("JSON Patch", () => {
  it("adds, replaces and removes, with escaped names", () => {
    assert.deepEqual(patchOf({ a: 1, b: { c: 1 }, "x/y~": 1 }, { b: { c: 2 }, d: [1], "x/y~": { z: 1 } }), [
      { op: "remove", path: "/a" },
      { op: "replace", path: "/b/c", value: 2 },
      { op: "add", path: "/d", value: [1] },
      { op: "replace", path: "/x~1y~0", value: { z: 1 } },
    ]);
    assert.deepEqual(pointerOf("/x~1y~0/a"), ["x/y~", "a"]);
    assert.equal(pointerOf("a"), undefined);
  });

  it("keeps names of objects' prototypes apart", () => {
    const reported = JSON.parse('{"__proto__": 1, "constructor": 2}');
    const twin = {
      ...{ tags: {}, desired: {}, desiredMetadata: {}, reportedMetadata: {}, desiredVersion: 1, reportedVersion: 1 },
      ...{ version: 1, etag: "", modelId: "" },
      reported,
    };
    const document = digitalTwinOf("d", twin);
    assert.deepEqual(Object.keys(document).sort(), ["$dtId", "$metadata", "__proto__", "constructor"]);
    assert.deepEqual(
      patchOf({}, document).map(({ path }) => path),
      ["/$dtId", "/$metadata", "/__proto__", "/constructor"],
    );
  });
});
