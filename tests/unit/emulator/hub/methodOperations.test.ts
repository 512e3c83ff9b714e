import { strict as assert } from "node:assert";
import { CONNECTION_LIMITS } from "../../../../emulator/kernel/connectionLimits";
import { DataPlane, HUB_HOST } from "../../../cast/dataPlane";

const ID = "pump";
const CLIENT = { hub: "hub-key-hub-1", deviceId: ID };

describe("IoT Hub service API: direct methods", () => {
  let plane: DataPlane;
  beforeEach(async () => {
    plane = new DataPlane();
    await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: ID }, body: { deviceId: ID } });
    const params = { deviceId: ID, moduleId: "m" };
    await plane.ask("Modules_CreateOrUpdateIdentity", { params, body: params });
  });

  const invoke = (
    body: object,
    more: { deviceId?: string; moduleId?: string; headers?: Record<string, string>; version?: string } = {},
  ) => {
    const { deviceId = ID, moduleId, headers, version = "2021-04-12" } = more;
    const [name, params] =
      moduleId === undefined
        ? ["Devices_InvokeMethod", { deviceId }]
        : ["Modules_InvokeMethod", { deviceId, moduleId }];
    return plane.ask(name, {
      params,
      body: { methodName: "reboot", ...body },
      headers,
      query: { "api-version": version },
    });
  };
  const connect = (client = CLIENT, status = 200) => {
    const { connections, methods } = plane.hubs.devices;
    const connection = connections.open(client, { end: () => undefined });
    connection.receiveMethods = ({ requestId, name, payload }) =>
      methods.respond(connection, requestId, { status, payload: { name, payload } });
  };

  it("return what the device or module responds", async () => {
    connect(CLIENT, 418);
    connect({ ...CLIENT, moduleId: "m" } as typeof CLIENT, 201);
    const device = await invoke({ payload: [1], responseTimeoutInSeconds: "10", connectTimeoutInSeconds: 5 });
    assert.deepEqual([device.status, device.body], [200, { status: 418, payload: { name: "reboot", payload: [1] } }]);
    const module = await invoke({}, { moduleId: "m" });
    assert.deepEqual(module.body, { status: 201, payload: { name: "reboot" } });
  });

  it("return 404103 where it is not connected, in the form of the version", async () => {
    const newer = await invoke({});
    assert.deepEqual([newer.status, newer.headers["iothub-errorcode"]], [404, "DeviceNotOnline"]);
    const { trackingId, timestampUtc, ...error } = JSON.parse(newer.body.Message);
    assert.match(trackingId, /^[0-9a-f]{32}-G:0-TimeStamp:03\/01\/2026 12:00:00$/);
    assert.match(timestampUtc, /^2026-03-01T12:00:00\.\d{7}Z$/);
    const message = "Timed out waiting for device to connect.";
    assert.deepEqual(error, { errorCode: 404103, message, info: { timeout: "00:00:00" } });
    assert.equal(newer.body.ExceptionMessage, "");
    const older = await invoke({ timeoutInSeconds: 5 }, { version: "2016-11-14" });
    assert.equal(older.body.Message, `ErrorCode:DeviceNotOnline;${message}`);
    assert.match(older.body.ExceptionMessage, /^Tracking ID:[0-9A-F]{32}-G:0-TimeStamp:/);
  });

  it("are refused where the device is not, the right is missing, or a value is out of bounds", async () => {
    connect();
    const refusals = [
      [invoke({}, { deviceId: "unknown" }), 404, "DeviceNotFound"],
      [invoke({}, { moduleId: "unknown" }), 404, "ModuleNotFound"],
      [
        invoke({}, { headers: { authorization: plane.sas(HUB_HOST, "registryRead") } }),
        401,
        "IotHubUnauthorizedAccess",
      ],
      [invoke({ methodName: "" }), 400, "ArgumentInvalid"],
      [invoke({ methodName: undefined }), 400, "ArgumentInvalid"],
      [invoke({ responseTimeoutInSeconds: 4 }), 400, "ArgumentInvalid"],
      [invoke({ responseTimeoutInSeconds: 301 }), 400, "ArgumentInvalid"],
      [invoke({ responseTimeoutInSeconds: "1e2" }), 400, "ArgumentInvalid"],
      [invoke({ connectTimeoutInSeconds: 301 }), 400, "ArgumentInvalid"],
      // An object that cannot become text, and a list that becomes one in bounds.
      [invoke({ responseTimeoutInSeconds: { toString: 1 } }), 400, "ArgumentInvalid"],
      [invoke({ connectTimeoutInSeconds: [5] }), 400, "ArgumentInvalid"],
      [invoke({ payload: "x".repeat(128 * 1024) }), 413, "MessageTooLarge"],
    ] as const;
    for (const [response, status, code] of refusals) {
      const given = await response;
      assert.deepEqual([given.status, given.headers["iothub-errorcode"]], [status, code]);
    }
  });

  it("end before the connection of their caller does, with the longest time-outs", async () => {
    connect();
    const longest = { connectTimeoutInSeconds: 300, responseTimeoutInSeconds: 300 };
    assert.equal((await invoke(longest)).status, 200);
    assert.ok(CONNECTION_LIMITS.idle > 600_000);
  });
});
