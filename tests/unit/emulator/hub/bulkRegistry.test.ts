import { strict as assert } from "node:assert";
import fc from "fast-check";
import { keyOf } from "../../../cast/dataPlane";
import { HubOwner } from "../../../cast/hubOwner";

const BULK = "BulkRegistry_UpdateRegistry";

describe("IoT Hub service API: bulk registry", () => {
  let owner: HubOwner;

  beforeEach(() => {
    owner = new HubOwner();
  });

  const get = (deviceId: string) => owner.ask("Devices_GetIdentity", { deviceId });
  const twin = (deviceId: string) => owner.done("Devices_GetTwin", { deviceId });
  const failed = async (items: readonly object[]) => {
    const { status, body } = await owner.ask(BULK, {}, items);
    assert.deepEqual([status, body.isSuccessful, body.warnings], [400, false, []]);
    return body.errors;
  };

  it("creates devices with their twins", async () => {
    const items = ["a", "b"].map((id) => ({
      id,
      importMode: "create",
      status: "disabled",
      authentication: { type: "sas", symmetricKey: { primaryKey: keyOf(id), secondaryKey: keyOf(`${id}-2`) } },
      tags: { name: id, nothing: null },
      properties: { desired: { period: 1 } },
    }));
    assert.deepEqual(await owner.done(BULK, {}, items), { isSuccessful: true, errors: [], warnings: [] });
    const { body } = await get("b");
    assert.deepEqual([body.status, body.authentication.symmetricKey.primaryKey], ["disabled", keyOf("b")]);
    const { tags, properties } = await twin("b");
    assert.deepEqual([tags, properties.desired.period], [{ name: "b" }, 1]);
  });

  it("names the items that it refuses, and applies the others", async () => {
    await owner.device("a");
    const errors = await failed([
      { id: "a", importMode: "create" },
      { id: "b", importMode: "create" },
      { id: "c", importMode: "delete" },
      { id: "a b", importMode: "create" },
      { id: "e", importMode: "create", tags: { "x.y": 1 } },
    ]);
    assert.deepEqual(
      errors.map(({ deviceId, errorCode, operation }: Record<string, unknown>) => [deviceId, errorCode, operation]),
      [
        ["a", 409001, "create"],
        ["c", 404001, "delete"],
        ["a b", 400004, "create"],
        ["e", 400004, "create"],
      ],
    );
    assert.equal(errors[0].errorStatus, "A device with ID 'a' is already registered.");
    assert.equal((await get("b")).status, 200);
    assert.equal((await get("e")).status, 404, "an item is whole or refused");
  });

  it("updates and deletes by ETag, or regardless of it, in any letter case", async () => {
    const { etag } = await owner.device("a");
    const disabled = { id: "a", status: "disabled" };
    const [stale] = await failed([{ ...disabled, importMode: "UpdateIfMatchETag", eTag: "AAAA" }]);
    assert.equal(stale.errorCode, 412001);
    await owner.done(BULK, {}, [{ ...disabled, importMode: "updateIfMatchETag", eTag: etag }]);
    assert.equal((await get("a")).body.status, "disabled");
    await owner.done(BULK, {}, [{ id: "a", importMode: "Update", eTag: "AAAA" }]);
    assert.equal((await get("a")).body.status, "enabled");
    const [unknown] = await failed([{ id: "none", importMode: "update" }]);
    assert.equal(unknown.errorCode, 404001);
    await owner.done(BULK, {}, [{ id: "a", importMode: "DeleteIfMatchETag" }]);
    assert.equal((await get("a")).status, 404, "nothing is compared without an ETag");
  });

  it("creates or updates where nothing else is asked", async () => {
    await owner.done(BULK, {}, [{ id: "a", tags: { n: 1 } }]);
    await owner.done(BULK, {}, [
      { id: "a", tags: { m: 2 } },
      { id: "b", importMode: "createOrUpdate" },
    ]);
    assert.deepEqual((await twin("a")).tags, { n: 1, m: 2 });
    const [stale] = await failed([{ id: "a", importMode: "createOrUpdateIfMatchETag", eTag: "AAAA" }]);
    assert.equal(stale.errorCode, 412001);
  });

  it("patches twins alone, by their ETag or regardless of it", async () => {
    const { etag: identity } = await owner.device("a");
    await owner.done(BULK, {}, [{ id: "a", importMode: "updateTwin", tags: { n: 1 } }]);
    const { etag, tags } = await twin("a");
    assert.deepEqual([tags, (await get("a")).body.etag], [{ n: 1 }, identity]);
    const change = { id: "a", importMode: "updateTwinIfMatchETag", properties: { desired: { p: 1 } } };
    assert.equal((await failed([{ ...change, twinETag: "AAAA" }]))[0].errorCode, 412001);
    await owner.done(BULK, {}, [{ ...change, twinETag: etag }]);
    assert.equal((await twin("a")).properties.desired.p, 1);
    assert.equal((await failed([{ id: "none", importMode: "updateTwin", tags: {} }]))[0].errorCode, 404001);
  });

  it("keeps neither identity nor twin where the twin's ETag is stale", async () => {
    await owner.device("a");
    const before = owner.plane.contents();
    const item = { id: "a", importMode: "update", status: "disabled", tags: { n: 1 }, twinETag: "AAAA" };
    assert.equal((await failed([item]))[0].errorCode, 412001);
    assert.equal(owner.plane.contents(), before);
  });

  it("creates, changes and removes modules", async () => {
    await owner.device("a");
    const item = { id: "a", moduleId: "m", managedBy: "me" };
    await owner.done(BULK, {}, [{ ...item, importMode: "create", tags: { n: 1 } }]);
    assert.equal((await owner.done("Modules_GetIdentity", { deviceId: "a", moduleId: "m" })).managedBy, "me");
    assert.deepEqual((await owner.done("Modules_GetTwin", { deviceId: "a", moduleId: "m" })).tags, { n: 1 });
    const [again] = await failed([{ ...item, importMode: "create" }]);
    assert.deepEqual([again.deviceId, again.moduleId, again.errorCode], ["a", "m", 409301]);
    await owner.done(BULK, {}, [{ ...item, importMode: "delete" }]);
    assert.equal((await failed([{ ...item, importMode: "updateTwin" }]))[0].errorCode, 404010);
  });

  it("refuses 101 devices, one twice, none, and what is no list", async () => {
    const many = Array.from({ length: 101 }, (_, n) => ({ id: `d-${n}` }));
    await owner.refused([BULK, {}, many], 413, "TooManyDevices", "101");
    await owner.done(BULK, {}, many.slice(1));
    await owner.refused([BULK, {}, [{ id: "x" }, { id: "x" }]], 400, "DeviceDefinedMultipleTimes", "x");
    await owner.refused([BULK, {}, []], 400, "ArgumentInvalid");
    await owner.refused([BULK, {}, { id: "x" }], 400, "ArgumentInvalid");
    await owner.refused([BULK, {}, [{ id: "x", importMode: "destroy" }]], 400, "ArgumentInvalid", "importMode");
  });

  it("leaves the registry as single operations would", async () => {
    const id = fc.constantFrom("a", "b", "c");
    const step = fc.record({ id, importMode: fc.constantFrom("create", "update", "delete") });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const [bulk, single] = [new HubOwner(), new HubOwner()];
        for (const { id: deviceId, importMode } of steps) {
          const { status } = await bulk.ask(BULK, {}, [{ id: deviceId, importMode }]);
          const [name, headers] = {
            create: ["Devices_CreateOrUpdateIdentity", {}] as const,
            update: ["Devices_CreateOrUpdateIdentity", { "if-match": "*" }] as const,
            delete: ["Devices_DeleteIdentity", { "if-match": "*" }] as const,
          }[importMode] ?? ["", {}];
          const alone = await single.ask(name, { deviceId }, { deviceId }, headers);
          assert.equal(status < 300, alone.status < 300);
        }
        const [one, other] = [await bulk.done("Devices_GetDevices"), await single.done("Devices_GetDevices")];
        const ids = (list: readonly { deviceId: string }[]) => list.map(({ deviceId }) => deviceId);
        assert.deepEqual(ids(one), ids(other));
      }),
      { numRuns: 30 },
    );
  });
});

describe("IoT Hub service API: regeneration of keys", () => {
  const REGENERATE = "Service_BulkRegenerateDeviceKeys";
  let owner: HubOwner;

  beforeEach(() => {
    owner = new HubOwner();
  });

  it("replaces one key or both, of devices and modules", async () => {
    const before = await owner.device("a");
    const module = await owner.module("a", "m");
    const body = { policyKey: "primaryKey", devices: [{ id: "a" }, { id: "a", moduleId: "m" }] };
    const { policyKey, rotatedKeys, errors } = await owner.done(REGENERATE, {}, body);
    assert.deepEqual([policyKey, errors], ["primaryKey", []]);
    const after = await owner.done("Devices_GetIdentity", { deviceId: "a" });
    assert.deepEqual(rotatedKeys[0], { id: "a", ...after.authentication.symmetricKey, secondaryKey: null });
    assert.notEqual(after.authentication.symmetricKey.primaryKey, before.authentication.symmetricKey.primaryKey);
    assert.equal(after.authentication.symmetricKey.secondaryKey, before.authentication.symmetricKey.secondaryKey);
    assert.notEqual(after.etag, before.etag);
    assert.notEqual(rotatedKeys[1].primaryKey, module.authentication.symmetricKey.primaryKey);
    const both = await owner.done(REGENERATE, {}, { policyKey: "both", devices: [{ id: "a" }] });
    assert.notEqual(both.rotatedKeys[0].secondaryKey, after.authentication.symmetricKey.secondaryKey);
  });

  it("keeps the parent of a device", async () => {
    const { deviceScope } = await owner.device("gateway", { capabilities: { iotEdge: true } });
    await owner.device("leaf", { deviceScope });
    await owner.done(REGENERATE, {}, { policyKey: "both", devices: [{ id: "leaf" }] });
    assert.equal((await owner.done("Devices_GetIdentity", { deviceId: "leaf" })).deviceScope, deviceScope);
  });

  it("names the identities that have no keys or do not exist", async () => {
    await owner.device("a");
    await owner.device("ca", { authentication: { type: "certificateAuthority" } });
    const body = {
      policyKey: "both",
      devices: [{ id: "a" }, { id: "ca" }, { id: "none" }, { id: "a", moduleId: "m" }],
    };
    const { status, body: response } = await owner.ask(REGENERATE, {}, body);
    assert.deepEqual([status, response.rotatedKeys.length], [207, 1]);
    assert.deepEqual(
      response.errors.map(({ id, moduleId, errorCode }: Record<string, unknown>) => [id, moduleId, errorCode]),
      [
        ["ca", undefined, 400004],
        ["none", undefined, 404001],
        ["a", "m", 404010],
      ],
    );
    assert.equal((await owner.ask(REGENERATE, {}, { policyKey: "both", devices: [{ id: "none" }] })).status, 400);
    await owner.refused([REGENERATE, {}, { policyKey: "none", devices: [{ id: "a" }] }], 400, "ArgumentInvalid");
    const many = Array.from({ length: 101 }, (_, n) => ({ id: `d-${n}` }));
    await owner.refused([REGENERATE, {}, { policyKey: "both", devices: many }], 413, "TooManyDevices");
  });
});
