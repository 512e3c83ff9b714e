import { strict as assert } from "node:assert";
import fc from "fast-check";
import { mergeSection, type TwinSection, TwinStore } from "../../../../emulator/hub/twins/twinStore";
import { Database } from "../../../../emulator/kernel/database";
import { DataPlane, HUB_HOST, type TestResponse } from "../../../cast/dataPlane";

describe("IoT Hub service API: twins", () => {
  let plane: DataPlane;

  beforeEach(async () => {
    plane = new DataPlane();
    await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: "dev-1" }, body: { deviceId: "dev-1" } });
  });

  const ask = (name: string, body?: unknown, headers: Readonly<Record<string, string>> = {}, deviceId = "dev-1") =>
    plane.ask(`Devices_${name}`, {
      params: { deviceId },
      body,
      headers: { authorization: plane.sas(HUB_HOST, "iothubowner"), ...headers },
    });

  async function refused(
    response: () => Promise<TestResponse>,
    status: number,
    name: string,
    message: RegExp,
  ): Promise<void> {
    const before = plane.contents();
    const result = await response();
    assert.deepEqual([result.status, result.headers["iothub-errorcode"]], [status, name], result.body.Message);
    assert.match(result.body.Message, message);
    assert.equal(plane.contents(), before, "nothing changed");
  }

  it("start empty, at version 1", async () => {
    const got = await ask("GetTwin");
    assert.equal(got.status, 200);
    assert.equal(got.headers.etag, '"AAAAAAAAAAE="');
    const { deviceId, version, etag, tags, properties, authenticationType, status } = got.body;
    assert.deepEqual(
      { deviceId, version, etag, tags, authenticationType, status },
      {
        deviceId: "dev-1",
        version: 1,
        etag: "AAAAAAAAAAE=",
        tags: undefined,
        authenticationType: "sas",
        status: "enabled",
      },
    );
    const $metadata = { $lastUpdated: "2026-03-01T12:00:00.000Z" };
    assert.deepEqual(properties, { desired: { $metadata, $version: 1 }, reported: { $metadata, $version: 1 } });
  });

  it("merge a patch, and remove null members", async () => {
    await ask("UpdateTwin", { tags: { site: { hall: 1, row: 2 } }, properties: { desired: { interval: 5 } } });
    const changed = await ask(
      "UpdateTwin",
      { tags: { site: { row: null, shelf: 3 } } },
      { "if-match": '"AAAAAAAAAAI="' },
    );
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body.tags, { site: { hall: 1, shelf: 3 } });
    assert.equal(changed.body.properties.desired.interval, 5);
    assert.deepEqual([changed.body.version, changed.body.properties.desired.$version], [3, 2]);
    assert.equal(changed.body.properties.desired.$metadata.$lastUpdated, "2026-03-01T12:00:00.000Z");
    assert.deepEqual((await ask("GetTwin")).body, changed.body);
    const { body } = await plane.ask("Query_GetTwins", { body: { query: "SELECT * FROM devices" } });
    assert.deepEqual(body, [changed.body]);
  });

  it("say of each property when it was changed, and of desired ones in which version", async () => {
    await ask("UpdateTwin", { properties: { desired: { fan: { speed: 1, mode: "a" }, old: 1 } } });
    plane.clock.advance(60);
    const patch = { properties: { desired: { fan: { speed: 2 }, old: null } } };
    const { desired, reported } = (await ask("UpdateTwin", patch)).body.properties;
    const [first, second] = ["2026-03-01T12:00:00.000Z", "2026-03-01T12:01:00.000Z"];
    const now = { $lastUpdated: second, $lastUpdatedVersion: 3 };
    assert.deepEqual(desired.$metadata, {
      ...now,
      fan: { ...now, speed: now, mode: { $lastUpdated: first, $lastUpdatedVersion: 2 } },
    });
    assert.deepEqual(reported.$metadata, { $lastUpdated: first }, "untouched");
    new TwinStore(plane).patch("hub-key-hub-1", { deviceId: "dev-1" }, { reported: { c: 3 } });
    const after = (await ask("GetTwin")).body.properties;
    assert.deepEqual(after.reported.$metadata, { $lastUpdated: second, c: { $lastUpdated: second } });
    assert.deepEqual(after.desired, desired);
  });

  it("are replaced by PUT, except for reported properties", async () => {
    await ask("UpdateTwin", { tags: { a: 1 }, properties: { desired: { b: 2 } } });
    new TwinStore(plane).patch("hub-key-hub-1", { deviceId: "dev-1" }, { reported: { c: 3 } });
    const read = (await ask("GetTwin")).body;
    const changed = await ask("ReplaceTwin", { ...read, tags: { d: 4 } });
    assert.deepEqual(changed.body.tags, { d: 4 });
    assert.equal(changed.body.properties.desired.b, 2, "what was read can be written back");
    assert.equal(changed.body.properties.reported.c, 3);
    assert.deepEqual((await ask("ReplaceTwin", {})).body.tags, undefined);
  });

  it("are refused where the device is not, the ETag is stale, or the right is missing", async () => {
    await refused(() => ask("GetTwin", undefined, {}, "dev-9"), 404, "DeviceNotFound", /dev-9/);
    await refused(() => ask("UpdateTwin", {}, {}, "dev-9"), 404, "DeviceNotFound", /dev-9/);
    const stale = { "if-match": '"AAAAAAAAAAk="' };
    await refused(() => ask("UpdateTwin", { tags: { a: 1 } }, stale), 412, "PreconditionFailed", /did not match/);
    const reader = { authorization: plane.sas(HUB_HOST, "registryRead") };
    await refused(() => ask("GetTwin", undefined, reader), 401, "IotHubUnauthorizedAccess", /Unauthorized/);
    assert.equal((await ask("UpdateTwin", { tags: { a: 1 } }, { "if-match": '"*"' })).status, 200);
  });

  const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ["no object", "twin", /the body must be an object/],
    ["properties that are a list", { properties: [] }, /properties must be an object/],
    ["tags that are text", { tags: "north" }, /tags must be an object/],
    ["tags over 8 KB", { tags: { a: "x".repeat(8192) } }, /tags is larger than 8 KB/],
    ["desired properties over 32 KB", { properties: { desired: { a: "x".repeat(32768) } } }, /larger than 32 KB/],
    ["eleven levels", { properties: { desired: deep(11) } }, /desired is deeper than 10 levels/],
    ["a name with a dot", { tags: { "a.b": 1 } }, /tags has a name that/],
    ["a name with a $ below", { tags: { a: { $b: 1 } } }, /tags has a name that/],
    ["a name with a dot in a list", { tags: { a: [{ "b.c": 1 }] } }, /tags has a name that/],
    ["eleven levels of lists", { tags: { a: [[[[[[[[[[[1]]]]]]]]]]] } }, /tags is deeper than 10 levels/],
    ["a name with a #", { tags: { "a#b": 1 } }, /tags has a name that/],
    ["null in a list", { tags: { a: [1, null] } }, /tags has an array with null/],
    ["a text over 4 KB", { tags: { a: "x".repeat(4097) } }, /tags has a text of more than 4 KB/],
    ["an integer beyond 52 bits", { properties: { desired: { a: 4_503_599_627_370_496 } } }, /desired has an integer/],
  ];
  for (const [what, body, message] of wrong) {
    it(`refuses ${what}`, () => refused(() => ask("UpdateTwin", body), 400, "ArgumentInvalid", message));
  }

  it("refuses a patch that makes the whole too large", async () => {
    assert.equal((await ask("UpdateTwin", { tags: { a: "x".repeat(4000), c: "x".repeat(2000) } })).status, 200);
    await refused(
      () => ask("UpdateTwin", { tags: { b: "x".repeat(4000) } }),
      400,
      "ArgumentInvalid",
      /larger than 8 KB/,
    );
  });

  it("take names that every object of JavaScript knows for names like others", () => {
    const patch = JSON.parse('{"__proto__":{"a":1},"constructor":{"b":null},"toString":"c"}') as TwinSection;
    const once = mergeSection({}, patch);
    assert.equal(JSON.stringify(once), '{"__proto__":{"a":1},"constructor":{},"toString":"c"}');
    assert.equal(JSON.stringify(mergeSection(once, patch)), JSON.stringify(once));
  });

  it("merge so that the same patch twice changes nothing more, and no null stays", () => {
    const section = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.oneof(fc.constant(null), fc.integer(), fc.dictionary(fc.constantFrom("a", "b"), fc.option(fc.integer()))),
    );
    fc.assert(
      fc.property(section, section, (before, patch) => {
        const once = mergeSection(mergeSection({}, before), patch);
        assert.deepEqual(mergeSection(once, patch), once);
        assert.doesNotMatch(JSON.stringify(once), /null/);
      }),
    );
  });

  it("are there for the devices of a state folder that knew none", () => {
    const database = new Database(":memory:");
    database.define("CREATE TABLE hub_device (hub TEXT, device_id TEXT, tags TEXT NOT NULL, desired TEXT NOT NULL)");
    database.run("INSERT INTO hub_device VALUES ('h', 'd', '{\"a\":1}', '{}')");
    const twin = new TwinStore({ database, clock: plane.clock }).find("h", { deviceId: "d" });
    assert.deepEqual([twin?.tags, twin?.reported, twin?.version], [{ a: 1 }, {}, 1]);
    assert.equal(new TwinStore({ database, clock: plane.clock }).find("h", { deviceId: "x" }), undefined);
  });
});
