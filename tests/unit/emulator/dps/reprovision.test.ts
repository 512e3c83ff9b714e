import { strict as assert } from "node:assert";
import type { Certificate } from "../../../../certs/certificate";
import { TwinStore } from "../../../../emulator/hub/twins/twinStore";
import { Database } from "../../../../emulator/kernel/database";
import { type Hierarchy, newHierarchy } from "../../../cast/certs";
import { DataPlane, link } from "../../../cast/dataPlane";

const ID = "device-01";
const INITIAL = { tags: { site: "north" }, properties: { desired: { interval: 5 } } };

describe("DPS device API: re-provisioning", () => {
  let hierarchy: Hierarchy;
  let chain: Certificate[];
  let plane: DataPlane;
  let twins: TwinStore;

  before(async () => {
    hierarchy = await newHierarchy();
    chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
  });

  beforeEach(() => {
    plane = new DataPlane();
    plane.directory.trust("root", hierarchy.root.certificate);
    twins = new TwinStore(plane);
  });

  /** Both hubs are linked; allocation may choose the one that is named. */
  const links = (chosen: string) => {
    const linkedHubs = ["hub-1", "hub-2"].map((name) => link(name, { applyAllocationPolicy: name === chosen }));
    plane.directory.service = { ...plane.directory.service, linkedHubs };
  };
  const linkOnly = (...linkedHubs: ReturnType<typeof link>[]) => {
    plane.directory.service = { ...plane.directory.service, linkedHubs };
  };
  const twin = (hub: string) => {
    const { tags, desired, reported } = twins.find(`hub-key-${hub}`, { deviceId: ID }) ?? {};
    return { tags, desired, reported };
  };
  const gone = { tags: undefined, desired: undefined, reported: undefined };

  /** Registers at hub-1, lives there, and registers again when only hub-2 may be chosen. */
  async function move(updateHubAssignment: boolean, migrateDeviceData: boolean) {
    const reprovisionPolicy = { updateHubAssignment, migrateDeviceData };
    await plane.group("line-1", hierarchy.intermediate.certificate, { initialTwin: INITIAL, reprovisionPolicy });
    await plane.provision(ID, chain);
    twins.patch(
      "hub-key-hub-1",
      { deviceId: ID },
      { tags: { hall: 7 }, desired: { interval: 9 }, reported: { firmware: "1.2" } },
    );
    links("hub-2");
    return (await plane.provision(ID, chain)).body.registrationState;
  }
  const lived = { tags: { site: "north", hall: 7 }, desired: { interval: 9 }, reported: { firmware: "1.2" } };

  it("moves tags, desired and reported properties with the device", async () => {
    const state = await move(true, true);
    assert.deepEqual([state.assignedHub, state.substatus], ["hub-2.azure-devices.net", "deviceDataMigrated"]);
    assert.deepEqual(twin("hub-2"), lived);
    assert.deepEqual(twin("hub-1"), gone);
  });

  it("resets the twin to the initial one", async () => {
    const state = await move(true, false);
    assert.equal(state.substatus, "deviceDataReset");
    assert.deepEqual(twin("hub-2"), { tags: { site: "north" }, desired: { interval: 5 }, reported: {} });
    assert.deepEqual(twin("hub-1"), gone);
  });

  for (const migrate of [true, false]) {
    it(`leaves the device where it is when it is never to move, migrateDeviceData ${migrate}`, async () => {
      const state = await move(false, migrate);
      assert.deepEqual([state.assignedHub, state.substatus], ["hub-1.azure-devices.net", "initialAssignment"]);
      assert.deepEqual(twin("hub-1"), lived);
      assert.deepEqual(twin("hub-2"), gone);
    });
  }

  it("keeps the twin unchanged while the hub stays the same, under every policy", async () => {
    await plane.group("line-1", hierarchy.intermediate.certificate, {
      initialTwin: INITIAL,
      reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: false },
    });
    await plane.provision(ID, chain);
    twins.patch("hub-key-hub-1", { deviceId: ID }, { reported: { firmware: "1.2" } });
    assert.equal((await plane.provision(ID, chain)).body.registrationState.substatus, "initialAssignment");
    assert.deepEqual(twin("hub-1").reported, { firmware: "1.2" });
  });

  it("makes an edge device of one that is one now, and takes it back, with the certificate as it was", async () => {
    const { body: group } = await plane.group("line-1", hierarchy.intermediate.certificate);
    for (const iotEdge of [false, true, false]) {
      const body = { ...group, capabilities: { iotEdge } };
      const headers = { "if-match": "*" };
      await plane.ask("EnrollmentGroup_CreateOrUpdate", { params: { id: "line-1" }, headers, body });
      await plane.provision(ID, chain);
      assert.equal(plane.hubs.identities.find("hub-key-hub-1", ID)?.iotEdge, iotEdge);
    }
  });

  it("brings the twin back to the first hub, over what an old identity there has", async () => {
    await move(true, true);
    plane.hubs.identities.save("hub-key-hub-1", {
      deviceId: ID,
      enabled: true,
      authentication: { type: "none" },
      iotEdge: false,
      tags: { old: true },
    });
    links("hub-1");
    const { body } = await plane.provision(ID, chain);
    assert.equal(body.registrationState.substatus, "reprovisionedToInitialAssignment");
    assert.deepEqual(twin("hub-1"), lived);
  });

  it("keeps a device disabled that was disabled in the hub it leaves", async () => {
    await plane.group("line-1", hierarchy.intermediate.certificate);
    await plane.provision(ID, chain);
    const identity = plane.hubs.identities.find("hub-key-hub-1", ID);
    if (identity) plane.hubs.identities.save("hub-key-hub-1", { ...identity, enabled: false });
    links("hub-2");
    await plane.provision(ID, chain);
    assert.equal(plane.hubs.identities.find("hub-key-hub-2", ID)?.enabled, false);
  });

  it("gives the initial twin when the old hub, or the device in it, is gone", async () => {
    await plane.group("line-1", hierarchy.intermediate.certificate, { initialTwin: INITIAL });
    await plane.provision(ID, chain);
    plane.hubs.identities.remove("hub-key-hub-1", ID);
    links("hub-2");
    await plane.provision(ID, chain);
    assert.deepEqual(twin("hub-2"), { tags: { site: "north" }, desired: { interval: 5 }, reported: {} });
  });

  for (const [what, more] of [
    ["is no longer linked", []],
    ["was linked with a key that is an old one now", [link("hub-1", { isOpen: false, applyAllocationPolicy: false })]],
  ] as const) {
    it(`leaves the device in the registry of a hub that ${what}, and gives it the initial twin in the new one`, async () => {
      await plane.group("line-1", hierarchy.intermediate.certificate, { initialTwin: INITIAL });
      await plane.provision(ID, chain);
      twins.patch("hub-key-hub-1", { deviceId: ID }, { reported: { firmware: "1.2" } });
      linkOnly(...more, link("hub-2"));
      const { registrationState: state } = (await plane.provision(ID, chain)).body;
      assert.deepEqual(
        [state.status, state.assignedHub, state.substatus],
        ["assigned", "hub-2.azure-devices.net", "deviceDataReset"],
      );
      assert.deepEqual(twin("hub-2"), { tags: { site: "north" }, desired: { interval: 5 }, reported: {} });
      assert.deepEqual(twin("hub-1").reported, { firmware: "1.2" });
      assert.equal(plane.hubs.identities.find("hub-key-hub-1", ID)?.enabled, true);
    });
  }

  it("fails a device that never moves while its hub is not linked, and assigns it once the hub is linked again", async () => {
    const reprovisionPolicy = { updateHubAssignment: false, migrateDeviceData: false };
    await plane.group("line-1", hierarchy.intermediate.certificate, { reprovisionPolicy });
    await plane.provision(ID, chain);
    linkOnly(link("hub-2"));
    const { registrationState: state } = (await plane.provision(ID, chain)).body;
    assert.deepEqual(
      [state.status, state.errorCode, state.errorMessage],
      ["failed", 401002, "IotHubUnauthorizedAccess"],
    );
    assert.deepEqual(twin("hub-2"), gone);
    links("hub-2");
    assert.equal((await plane.provision(ID, chain)).body.registrationState.assignedHub, "hub-1.azure-devices.net");
  });

  it("does not touch the twin of a device that the hub knew before DPS did", async () => {
    plane.hubs.identities.save("hub-key-hub-1", {
      deviceId: ID,
      enabled: true,
      authentication: { type: "none" },
      iotEdge: false,
      tags: { own: true },
    });
    await plane.group("line-1", hierarchy.intermediate.certificate, { initialTwin: INITIAL });
    await plane.provision(ID, chain);
    assert.deepEqual(twin("hub-1").tags, { own: true });
  });

  it("reads the state folder of an earlier version", async () => {
    const database = new Database(":memory:");
    // The tables as they were before symmetric keys, payloads and reported properties.
    database.define(`
      CREATE TABLE dps_registration (service TEXT NOT NULL, id_key TEXT NOT NULL, id TEXT NOT NULL, group_key TEXT,
        group_id TEXT, status TEXT NOT NULL, substatus TEXT, device_id TEXT, hub TEXT, first_hub TEXT, error_code INTEGER,
        error_message TEXT, etag TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, PRIMARY KEY (service, id_key));
      INSERT INTO dps_registration VALUES ('dps-key-1', 'device-01', 'device-01', 'line-1', 'line-1', 'assigned',
        'initialAssignment', 'device-01', 'hub-1.azure-devices.net', 'hub-1.azure-devices.net', NULL, NULL, 'e', 'c', 'u');
      CREATE TABLE dps_operation (id TEXT NOT NULL PRIMARY KEY, service TEXT NOT NULL, registration_key TEXT NOT NULL,
        thumbprint TEXT NOT NULL, state TEXT NOT NULL, created INTEGER NOT NULL, ready INTEGER NOT NULL);
    `);
    plane = new DataPlane({ database });
    plane.directory.trust("root", hierarchy.root.certificate);
    const old = await plane.ask("DeviceRegistrationState_Get", { params: { id: ID } });
    assert.deepEqual([old.status, old.body.assignedHub], [200, "hub-1.azure-devices.net"]);
    await plane.group("line-1", hierarchy.intermediate.certificate);
    links("hub-2");
    const { registrationState: state } = (await plane.provision(ID, chain)).body;
    assert.deepEqual(
      [state.assignedHub, state.substatus],
      ["hub-2.azure-devices.net", "deviceDataReset"],
      "the old hub never had it",
    );
  });
});
