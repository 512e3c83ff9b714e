import { strict as assert } from "node:assert";
import type { ClientKey } from "../../../../emulator/hub/connections/clientKey";
import { ConnectionRegistry } from "../../../../emulator/hub/connections/connectionRegistry";
import { Database } from "../../../../emulator/kernel/database";
import { DataPlane } from "../../../cast/dataPlane";

const PUMP: ClientKey = { hub: "hub-key-hub-1", deviceId: "pump" };
const MODULE: ClientKey = { ...PUMP, moduleId: "filter" };

describe("the connections of a hub", () => {
  let registry: ConnectionRegistry;
  let events: string[];
  const transport = (name: string) => ({ end: (reason: string) => void events.push(`${name} ends: ${reason}`) });

  beforeEach(() => {
    events = [];
    registry = new ConnectionRegistry();
    registry.onState(({ deviceId, moduleId = "" }, state) => events.push(`${deviceId}/${moduleId} ${state}`));
  });

  it("are one for each client: a newer one ends the older", () => {
    const older = registry.open(PUMP, transport("older"));
    const newer = registry.open(PUMP, transport("newer"));
    registry.close(older);
    assert.equal(registry.find(PUMP), newer, "the end of the older one does not close the newer");
    registry.close(newer);
    registry.close(newer);
    assert.equal(registry.find(PUMP), undefined);
    assert.deepEqual(events, ["pump/ Connected", "older ends: the client has a new connection", "pump/ Disconnected"]);
  });

  it("tell modules, devices and hubs apart", () => {
    registry.open(PUMP, transport("device"));
    const module = registry.open(MODULE, transport("module"));
    registry.open({ ...PUMP, hub: "other" }, transport("elsewhere"));
    assert.deepEqual([registry.count(PUMP.hub), registry.count("other"), registry.count("none")], [1, 1, 0]);
    assert.equal(registry.find(MODULE), module);
    events = [];
    registry.endDevice(PUMP.hub, PUMP.deviceId, "gone");
    registry.endDevice("none", PUMP.deviceId, "gone");
    assert.deepEqual(events, [
      "pump/ Disconnected",
      "device ends: gone",
      "pump/filter Disconnected",
      "module ends: gone",
    ]);
    registry.endAll("over");
    assert.equal(events.at(-1), "elsewhere ends: over");
  });
});

describe("a device's connection state", () => {
  const settled = (): Promise<void> => new Promise((done) => setImmediate(() => setImmediate(done)));

  async function register(plane: DataPlane, status = "enabled"): Promise<void> {
    const headers = { authorization: plane.sas("hub-1.azure-devices.net", "iothubowner"), "if-match": "*" };
    const known = plane.hubs.identities.find(PUMP.hub, PUMP.deviceId);
    const body = { deviceId: PUMP.deviceId, status };
    const params = { deviceId: PUMP.deviceId };
    const given = known ? { params, body, headers } : { params, body };
    assert.equal((await plane.ask("Devices_CreateOrUpdateIdentity", given)).status, 200);
  }

  it("is in its identity and its twin, and ends with the process", async () => {
    const plane = new DataPlane();
    await register(plane);
    const state = async (name: string, at = plane) => {
      const { body } = await at.ask(name, { params: { deviceId: PUMP.deviceId } });
      return [body.connectionState, body.connectionStateUpdatedTime, body.lastActivityTime];
    };
    const never = "0001-01-01T00:00:00Z";
    assert.deepEqual(await state("Devices_GetIdentity"), ["Disconnected", never, never]);
    const connection = plane.hubs.devices.connections.open(PUMP, { end: assert.fail });
    plane.hubs.devices.connections.open(MODULE, { end: assert.fail });
    await settled();
    const now = "2026-03-01T12:00:00.000Z";
    assert.deepEqual(await state("Devices_GetIdentity"), ["Connected", now, now]);
    assert.equal((await state("Devices_GetTwin"))[0], "Connected");
    assert.equal((await state("Devices_GetIdentity", new DataPlane({ database: plane.database })))[0], "Disconnected");
    plane.hubs.devices.connections.close(connection);
    await settled();
    assert.equal((await state("Devices_GetTwin"))[0], "Disconnected");
  });

  it("is Disconnected once the device is disabled or deleted, or its hub is", async () => {
    const ends: string[] = [];
    const plane = new DataPlane();
    const open = () => plane.hubs.devices.connections.open(PUMP, { end: (reason) => ends.push(reason) });
    await register(plane);
    open();
    await register(plane, "disabled");
    await register(plane);
    open();
    const headers = { authorization: plane.sas("hub-1.azure-devices.net", "iothubowner"), "if-match": "*" };
    await plane.ask("Devices_DeleteIdentity", { params: { deviceId: PUMP.deviceId }, headers });
    open();
    plane.directory.remove("hub", PUMP.hub);
    assert.deepEqual(ends, ["the device is disabled", "the device is deleted", "the hub is deleted"]);
    plane.database.close();
  });

  it("does not hinder a state of an earlier version", () => {
    const database = new Database(":memory:");
    database.define(`CREATE TABLE hub_device (hub TEXT NOT NULL, device_id TEXT NOT NULL, generation_id TEXT NOT NULL,
      etag TEXT NOT NULL, enabled INTEGER NOT NULL, status_reason TEXT, status_updated TEXT NOT NULL, last_activity TEXT,
      authentication TEXT NOT NULL, iot_edge INTEGER NOT NULL, tags TEXT NOT NULL, desired TEXT NOT NULL,
      PRIMARY KEY (hub, device_id))`);
    database.put("hub_device", {
      hub: PUMP.hub,
      device_id: PUMP.deviceId,
      generation_id: "1",
      etag: "e",
      enabled: 1,
      status_updated: "",
      authentication: "{}",
      iot_edge: 0,
      tags: "{}",
      desired: "{}",
    });
    const known = new DataPlane({ database }).hubs.identities.find(PUMP.hub, PUMP.deviceId);
    assert.deepEqual([known?.isConnected, known?.connectionUpdated, known?.messageCount], [false, undefined, 0]);
  });
});
