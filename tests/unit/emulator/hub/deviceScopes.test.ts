import { strict as assert } from "node:assert";
import { HubOwner } from "../../../cast/hubOwner";

const EDGE = { capabilities: { iotEdge: true } };
const NAME = "Devices_CreateOrUpdateIdentity";

describe("IoT Hub service API: scopes of Edge devices", () => {
  let owner: HubOwner;
  let scope: string;

  beforeEach(async () => {
    owner = new HubOwner();
    ({ deviceScope: scope } = await owner.device("gateway", EDGE));
  });

  const change = (deviceId: string, more: object) =>
    [NAME, { deviceId }, { deviceId, ...more }, { "if-match": "*" }] as const;
  const get = (deviceId: string) => owner.done("Devices_GetIdentity", { deviceId });

  it("make a child of a device, by either member", async () => {
    const one = await owner.device("one", { deviceScope: scope });
    const two = await owner.device("two", { parentScopes: [scope] });
    for (const { deviceScope, parentScopes } of [one, two]) {
      assert.deepEqual([deviceScope, parentScopes], [scope, [scope]]);
    }
  });

  it("nest Edge devices, which keep a scope of their own", async () => {
    const { deviceScope, parentScopes } = await owner.device("lower", { ...EDGE, parentScopes: [scope] });
    assert.match(deviceScope, /^ms-azure-iot-edge:\/\/lower-\d+$/);
    assert.deepEqual(parentScopes, [scope]);
    const leaf = await owner.device("leaf", { deviceScope, parentScopes: [deviceScope] });
    assert.deepEqual(leaf.parentScopes, [deviceScope]);
  });

  it("follow the scope where az changes it alone", async () => {
    const { deviceScope: other } = await owner.device("other", EDGE);
    const leaf = await owner.device("leaf", { deviceScope: scope });
    await owner.done(...change("leaf", { ...leaf, deviceScope: other }));
    assert.deepEqual((await get("leaf")).parentScopes, [other]);
    await owner.done(...change("leaf", { ...leaf, deviceScope: "" }));
    assert.deepEqual([(await get("leaf")).deviceScope, (await get("leaf")).parentScopes], [undefined, undefined]);
  });

  it("must be those of an Edge device that exists", async () => {
    await owner.device("plain");
    const generation = (await get("plain")).generationId;
    const wrong = [
      "x",
      "ms-azure-iot-edge://none-1",
      "ms-azure-iot-edge://gateway-1",
      `ms-azure-iot-edge://plain-${generation}`,
    ];
    for (const deviceScope of wrong) {
      await owner.refused([NAME, { deviceId: "d" }, { deviceId: "d", deviceScope }], 400, "InvalidDeviceScope");
      await owner.refused([...change("plain", { deviceScope })], 400, "InvalidDeviceScope", deviceScope);
    }
    const two = { ...EDGE, parentScopes: [scope, scope] };
    await owner.refused([NAME, { deviceId: "d" }, { deviceId: "d", ...two }], 400, "InvalidDeviceScope", "one parent");
  });

  it("never make a device its own ancestor", async () => {
    await owner.refused(
      [...change("gateway", { ...EDGE, deviceScope: scope, parentScopes: [scope] })],
      400,
      "InvalidDeviceScope",
      "ancestor",
    );
    const { deviceScope: middle } = await owner.device("middle", { ...EDGE, parentScopes: [scope] });
    const { deviceScope: lower } = await owner.device("lower", { ...EDGE, parentScopes: [middle] });
    await owner.refused(
      [...change("gateway", { ...EDGE, deviceScope: scope, parentScopes: [lower] })],
      400,
      "InvalidDeviceScope",
      "ancestor",
    );
  });

  it("end with the Edge capability", async () => {
    const gateway = await get("gateway");
    const changed = await owner.done(...change("gateway", { ...gateway, capabilities: { iotEdge: false } }));
    assert.deepEqual([changed.capabilities.iotEdge, changed.deviceScope], [false, undefined]);
  });

  it("stay when the parent is gone, until they are changed", async () => {
    const leaf = await owner.device("leaf", { deviceScope: scope });
    await owner.done("Devices_DeleteIdentity", { deviceId: "gateway" }, undefined, { "if-match": "*" });
    await owner.done(...change("leaf", { ...leaf, status: "disabled" }));
    assert.equal((await get("leaf")).deviceScope, scope);
    await owner.refused(
      [NAME, { deviceId: "new" }, { deviceId: "new", deviceScope: scope }],
      400,
      "InvalidDeviceScope",
    );
  });
});
