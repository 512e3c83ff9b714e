import { strict as assert } from "node:assert";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import type { Handler, Props } from "../../../providers/handlers/resource/handler";
import { handler as revocationsHandler } from "../../../providers/handlers/revocationsHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { checked, imported } from "../../cast/imported";

const HOST = "plants-dps.azure-devices-provisioning.net";
const VAULT = "https://vault-1.vault.azure.net";
const STORE = { vaultUri: VAULT, owner: "o/p/s", softDeleted: "recover" };

describe("imports of lists and of what a vault keeps", () => {
  let azure: FakeAzure;
  let gateway: AzureGateway;
  let list: Handler;

  beforeEach(() => {
    azure = fakeAzure();
    gateway = fakeGateway(azure);
    list = listHandler(gateway);
  });

  const create = async (handler: Handler, program: Props): Promise<Props> =>
    (await handler.create(await checked(handler, program))).outs;
  const program = {
    serviceEndpoint: HOST,
    "device:meter-1": { symmetricKey: {} },
    "device:Meter-2": { caReference: "root", deviceId: "basement", iotEdge: true },
    "device:press-1": { caReference: "root", allocationPolicy: "static", iotHubs: ["a.azure-devices.net"] },
  };
  const { "device:press-1": _, ...meters } = program;

  it("have all enrollments of a service, those of a prefix, or those of registration IDs", async () => {
    const outs = await create(list, program);
    for (const [id, content] of [
      ["plants-dps/*", program],
      [`${HOST}/meter-*`, meters],
      ["plants-dps/Meter-2,meter-1", meters],
    ] as const) {
      const { id: resource, props, inputs, isChangedBy } = await imported(list, id);
      assert.equal(resource, `${HOST}/enrollmentList`);
      assert.deepEqual(inputs, content, id);
      assert.deepEqual(props.symmetricKeys, outs.symmetricKeys);
      assert.equal(await isChangedBy(content), false, id);
      assert.equal(await isChangedBy({ ...content, "device:meter-1": { caReference: "root" } }), true);
    }
  });

  it("read all pages of a service", async () => {
    const ids = Array.from({ length: 1100 }, (_each, index) => `d-${index}`);
    const entries = Object.fromEntries(ids.map((id) => [`device:${id}`, { caReference: "root" }]));
    await create(list, { serviceEndpoint: HOST, ...entries });
    assert.equal(Object.keys((await imported(list, "plants-dps/d-*")).inputs).length, ids.length + 1);
  });

  it("find nothing of a prefix that nothing has, and refuse unknown registration IDs and IDs of another form", async () => {
    await create(list, program);
    assert.equal((await list.import?.("plants-dps/none-*"))?.id, "");
    await assert.rejects(async () => list.import?.("plants-dps/meter-1,none"), /has no enrollment none.*To fix/s);
    for (const id of ["plants-dps", "plants-dps/", "/x", "plants-dps/a*b", "plants-dps/a*,b", "plants-dps/**"])
      await assert.rejects(async () => list.import?.(id), /is not an ID for import/, id);
  });

  it("have the keys of a list that a vault keeps by reference", async () => {
    const kept = { ...meters, ...STORE };
    const outs = await create(list, kept);
    const { props, isChangedBy } = await imported(list, `plants-dps/*@${VAULT}`);
    assert.deepEqual(props.storedKeys, outs.storedKeys);
    assert.deepEqual([props.symmetricKeys, props.owner], [{}, "o/p/s"]);
    assert.equal(await isChangedBy(kept), false);
    azure.vault.setSecrets.live.delete("enrollment-meter-1-primary");
    await assert.rejects(async () => list.import?.(`plants-dps/*@${VAULT}`), /has the keys of 0 of 1 enrollments/);
  });

  it("have the keys of a group that a vault keeps by reference, by the secret of the primary key", async () => {
    const group = groupHandler(gateway);
    const kept = {
      ...{ serviceEndpoint: HOST, enrollmentGroupId: "presses", symmetricKey: {} },
      ...{ ...STORE, storedName: "group-presses" },
    };
    const outs = await create(group, kept);
    const id = `plants-dps/presses@${VAULT}/secrets/group-presses-primary`;
    const { props, isChangedBy } = await imported(group, id);
    assert.deepEqual([props.primaryKeyId, props.secondaryKeyId], [outs.primaryKeyId, outs.secondaryKeyId]);
    assert.equal(props.primaryKey, undefined);
    assert.equal(await isChangedBy(kept), false);
    await assert.rejects(
      async () => group.import?.(`plants-dps/presses@${VAULT}/secrets/none-primary`),
      /is not one of two/,
    );
  });

  it("have the devices that bear the mark of a revocation, and neither those that others disabled", async () => {
    const revocations = revocationsHandler(gateway);
    await create(list, {
      serviceEndpoint: HOST,
      "device:meter-1": { symmetricKey: {} },
      "device:meter-2": { symmetricKey: {}, provisioningStatus: "disabled" },
      "device:meter-3": { symmetricKey: {} },
    });
    const assigned = { assignedHub: "hub.azure-devices.net", deviceId: "meter-1" };
    azure.registrations.set("meter-1", { registrationId: "meter-1", status: "assigned", ...assigned });
    azure.identities.set("hub.azure-devices.net/meter-1", { deviceId: "meter-1", status: "enabled" });
    const devices = [{ registrationId: "press-9" }, { registrationId: "meter-1" }];
    const outs = await create(revocations, { serviceEndpoint: HOST, devices });
    for (const id of ["plants-dps", `${HOST}/revocations`]) {
      const { props, inputs, isChangedBy } = await imported(revocations, id);
      assert.deepEqual(inputs.devices, [...devices].reverse());
      assert.deepEqual(props.blocked, [...(outs.blocked as unknown[])].reverse());
      assert.equal(await isChangedBy({ serviceEndpoint: HOST, devices }), false);
      assert.equal(await isChangedBy({ serviceEndpoint: HOST, devices: devices.slice(1) }), true);
      const more = [...devices, { registrationId: "meter-3" }];
      assert.equal(await isChangedBy({ serviceEndpoint: HOST, devices: more }), true);
    }
    const { props } = await imported(revocations, "plants-dps");
    await revocations.delete("id", props);
    assert.equal(azure.enrollments.get("individual/meter-1")?.provisioningStatus, "enabled");
    assert.equal(azure.enrollments.get("individual/meter-2")?.provisioningStatus, "disabled");
    assert.equal(azure.enrollments.has("individual/press-9"), false);
    assert.equal(azure.identities.get("hub.azure-devices.net/meter-1")?.status, "enabled");
    await assert.rejects(async () => revocations.import?.("a/b"), /is not an ID for import/);
  });
});
