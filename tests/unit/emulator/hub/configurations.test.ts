import { strict as assert } from "node:assert";
import fc from "fast-check";
import { isObject } from "../../../../azure/wire/jsonObject";
import { patchBetween, withValue } from "../../../../emulator/hub/configurations/twinPaths";
import { mergeSection, type TwinSection } from "../../../../emulator/hub/twins/twinStore";
import { DataPlane } from "../../../cast/dataPlane";
import { HubOwner } from "../../../cast/hubOwner";

const PUT = "Configuration_CreateOrUpdate";
const EDGE = { capabilities: { iotEdge: true } };
const AGENT = { "properties.desired": { modules: { camera: { image: "a" } }, runtime: { type: "docker" } } };
const HUB = { "properties.desired": { routes: { one: "FROM /messages/* INTO $upstream" } } };
const WHOLE = { modulesContent: { $edgeAgent: AGENT, $edgeHub: HUB, camera: { "properties.desired": { fps: 30 } } } };

describe("IoT Hub service API: configurations", () => {
  let owner: HubOwner;

  beforeEach(async () => {
    owner = new HubOwner();
    for (const [id, site] of [
      ["a", "north"],
      ["b", "south"],
    ] as const) {
      await owner.device(id);
      await owner.done("Devices_UpdateTwin", { deviceId: id }, { tags: { site } });
    }
  });

  const settled = () => owner.plane.hubs.configurations.settled();
  const body = (id: string, more: object = {}) => ({
    id,
    content: { deviceContent: { "properties.desired.settings": { period: 5 } } },
    targetCondition: "tags.site = 'north'",
    priority: 10,
    ...more,
  });
  const put = async (id: string, more: object = {}, headers: Record<string, string> = {}) => {
    const made = await owner.done(PUT, { configurationId: id }, body(id, more), headers);
    await settled();
    return made;
  };
  const get = (id: string) => owner.done("Configuration_Get", { configurationId: id });
  const remove = async (id: string) => {
    await owner.done("Configuration_Delete", { configurationId: id });
    await settled();
  };
  const own = ({ $metadata: _m, $version: _v, ...rest }: Record<string, unknown>) => rest;
  const desired = async (deviceId: string) =>
    own((await owner.done("Devices_GetTwin", { deviceId })).properties.desired);
  const ofModule = async (deviceId: string, moduleId: string) =>
    own((await owner.done("Modules_GetTwin", { deviceId, moduleId })).properties.desired);
  const moduleIds = async (deviceId: string): Promise<string[]> =>
    (await owner.done("Modules_GetModulesOnDevice", { deviceId })).map(
      ({ moduleId }: { moduleId: string }) => moduleId,
    );

  describe("as resources", () => {
    it("are created, read, listed and removed", async () => {
      const made = await put("c-1", { labels: { a: "b" }, schemaVersion: "1.0" });
      const { etag, systemMetrics, ...rest } = made;
      assert.deepEqual(rest, {
        ...body("c-1"),
        schemaVersion: "1.0",
        labels: { a: "b" },
        createdTimeUtc: "2026-03-01T12:00:00.000Z",
        lastUpdatedTimeUtc: "2026-03-01T12:00:00.000Z",
        metrics: { results: {}, queries: {} },
      });
      assert.match(etag, /^[A-Za-z0-9+/=]+$/);
      assert.deepEqual(Object.keys(systemMetrics.queries), ["targetedCount", "appliedCount"]);
      assert.deepEqual((await get("c-1")).content, made.content);
      await put("c-2", { priority: 20 });
      const list = await owner.done("Configuration_GetConfigurations");
      assert.deepEqual(
        list.map(({ id }: { id: string }) => id),
        ["c-2", "c-1"],
      );
      await remove("c-1");
      await owner.refused(["Configuration_Get", { configurationId: "c-1" }], 404, "ConfigurationNotFound", "c-1");
      await owner.refused(["Configuration_Delete", { configurationId: "c-1" }], 404, "ConfigurationNotFound");
    });

    it("change with the ETag or *, and never their content", async () => {
      const made = await put("c-1");
      const key = { configurationId: "c-1" };
      await owner.refused([PUT, key, body("c-1")], 409, "ConfigurationAlreadyExists", "'c-1'");
      await owner.refused(
        [PUT, key, body("c-1"), { "if-match": '"AAAA"' }],
        412,
        "PreconditionFailed",
        "Configuration",
      );
      const content = { deviceContent: { "properties.desired.settings": { period: 6 } } };
      const other = body("c-1", { content });
      const unquoted = { "if-match": made.etag };
      await owner.refused([PUT, key, other, unquoted], 409, "ConfigurationAlreadyExists");
      assert.deepEqual((await put("c-1", { content }, { "if-match": "*" })).content, made.content);
      const { etag } = await get("c-1");
      await owner.refused(
        [PUT, { configurationId: "c-9" }, body("c-9"), { "if-match": "*" }],
        404,
        "ConfigurationNotFound",
      );
      const changed = await put("c-1", { ...made, priority: 99 }, { "if-match": `"${etag}"` });
      assert.deepEqual([changed.priority, changed.createdTimeUtc], [99, made.createdTimeUtc]);
      await owner.refused(
        ["Configuration_Delete", key, undefined, { "if-match": made.etag }],
        412,
        "PreconditionFailed",
      );
    });

    it("are refused where they are wrong", async () => {
      const wrong = (more: object, id = "c-1") => [PUT, { configurationId: id }, body(id, more)] as const;
      await owner.refused([...wrong({}, "C-1")], 400, "ArgumentInvalid", "lower case");
      await owner.refused([...wrong({ id: "c-2" })], 400, "ArgumentInvalid", "id in the body");
      for (const content of [
        {},
        { deviceContent: {}, moduleContent: {} },
        { deviceContent: { "properties.reported.a": 1 } },
        { deviceContent: { a: 1 } },
        { deviceContent: { "properties.desired": 1 } },
        { deviceContent: { "properties.desired.": 1 } },
        { modulesContent: { $edgeAgent: { "tags.a": 1 } } },
      ]) {
        await owner.refused([...wrong({ content })], 400, "InvalidConfigurationContent", "Please check and try again");
      }
      for (const targetCondition of [
        "tags.",
        "site = 1",
        "status = 'enabled'",
        "properties.desired.a = 1",
        "tags.a = b",
      ]) {
        await owner.refused(
          [...wrong({ targetCondition })],
          400,
          "InvalidConfigurationTargetCondition",
          "'deviceId', 'tags'",
        );
      }
      const metrics = { queries: { one: "SELECT" } };
      await owner.refused([...wrong({ metrics })], 400, "InvalidConfigurationCustomMetricsQuery", "one");
      const six = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`m${n}`, "select *"]));
      await owner.refused(
        [...wrong({ metrics: { queries: six } })],
        400,
        "InvalidConfigurationCustomMetricsQuery",
        "5",
      );
    });

    it("are listed with the metrics that each has alone, in one pass over the twins", async () => {
      const queries = (site: string) => ({
        ofSite: `SELECT deviceId FROM devices WHERE tags.site = '${site}'`,
        one: "SELECT deviceId FROM devices WHERE deviceId IN ['a', 'none'] AND tags.site = 'north'",
        ofModules: "SELECT * FROM devices.modules",
        all: "select *",
      });
      const [north, south] = [
        { queries: queries("north") },
        { queries: { ...queries("south"), none: "select * from devices where tags.site = 1" } },
      ];
      await put("c-1", { metrics: north });
      await put("c-2", { metrics: south, targetCondition: "tags.site = 'south'" });
      await put("c-3", { metrics: south, targetCondition: "*", priority: 5 });
      let reads = 0;
      const { database } = owner.plane;
      const all = database.all.bind(database);
      database.all = (sql, ...values) => {
        if (sql.includes("FROM hub_device ")) reads += 1;
        return all(sql, ...values);
      };
      const list = await owner.done("Configuration_GetConfigurations");
      assert.equal(reads, 1, "the devices are read once");
      assert.deepEqual(
        list.map(({ id, systemMetrics, metrics }: Record<string, { readonly results: object }>) => [
          id,
          systemMetrics?.results,
          metrics?.results,
        ]),
        [
          ["c-1", { targetedCount: 1, appliedCount: 1 }, { ofSite: 1, one: 1, ofModules: 0, all: 2 }],
          ["c-2", { targetedCount: 1, appliedCount: 1 }, { ofSite: 1, one: 1, ofModules: 0, all: 2, none: 0 }],
          ["c-3", { targetedCount: 2, appliedCount: 2 }, { ofSite: 1, one: 1, ofModules: 0, all: 2, none: 0 }],
        ],
      );
      for (const each of list) assert.deepEqual(each, await get(each.id));
    });

    it("are at most 100 in a hub", async () => {
      for (let n = 0; n < 100; n += 1) await owner.done(PUT, { configurationId: `c-${n}` }, body(`c-${n}`));
      await owner.refused(
        [PUT, { configurationId: "more" }, body("more")],
        413,
        "ConfigurationCountLimitExceeded",
        "100",
      );
      await settled();
    });

    it("have queries that are tested beforehand", async () => {
      const test = (given: object) => owner.done("Configuration_TestQueries", {}, given);
      assert.deepEqual(await test({ targetCondition: "tags.a = 1", customMetricQueries: { one: "select *" } }), {
        customMetricQueryErrors: {},
      });
      const wrong = await test({
        targetCondition: "nothing",
        customMetricQueries: { one: "SELECT x", two: "select *" },
      });
      assert.match(wrong.targetConditionError, /Invalid targetCondition/);
      assert.deepEqual(Object.keys(wrong.customMetricQueryErrors), ["one"]);
    });
  });

  describe("of devices", () => {
    it("set desired properties of what they target, and count it", async () => {
      await put("c-1", {
        metrics: {
          queries: {
            done: "SELECT deviceId FROM devices WHERE configurations.[[c-1]].status = 'Applied'",
            all: "select *",
          },
        },
      });
      assert.deepEqual([await desired("a"), await desired("b")], [{ settings: { period: 5 } }, {}]);
      const { systemMetrics, metrics } = await get("c-1");
      assert.deepEqual(systemMetrics.results, { targetedCount: 1, appliedCount: 1 });
      assert.deepEqual(metrics.results, { done: 1, all: 2 });
      for (const query of Object.values(systemMetrics.queries)) {
        const rows = await owner.done("Query_GetTwins", {}, { query });
        assert.deepEqual(rows, [{ deviceId: "a" }]);
      }
    });

    it("follow devices that come into the target and leave it", async () => {
      await put("c-1");
      await owner.done(
        "Devices_UpdateTwin",
        { deviceId: "b" },
        { tags: { site: "north" }, properties: { desired: { own: 1 } } },
      );
      await settled();
      assert.deepEqual(await desired("b"), { own: 1, settings: { period: 5 } });
      await owner.done("Devices_UpdateTwin", { deviceId: "b" }, { tags: { site: "south" } });
      await settled();
      assert.deepEqual(await desired("b"), { own: 1 });
      await owner.done("BulkRegistry_UpdateRegistry", {}, [{ id: "new", tags: { site: "north" } }]);
      await settled();
      assert.deepEqual(await desired("new"), { settings: { period: 5 } });
    });

    it("give way to a higher priority, path by path, come back, and leave what a deleted one has set", async () => {
      const content = { deviceContent: { "properties.desired.settings.period": 9, "properties.desired.extra": true } };
      await put("low");
      await put("high", { priority: 20, content });
      assert.deepEqual(await desired("a"), { settings: { period: 9 }, extra: true });
      await remove("high");
      assert.deepEqual(await desired("a"), { settings: { period: 5 }, extra: true });
      await put("other", { priority: 5, content: { deviceContent: { "properties.desired.settings": { period: 1 } } } });
      assert.deepEqual(await desired("a"), { settings: { period: 5 }, extra: true });
      const low = await get("low");
      await put("low", { ...low, priority: 1 }, { "if-match": "*" });
      assert.deepEqual(await desired("a"), { settings: { period: 1 }, extra: true });
      await remove("low");
      await remove("other");
      assert.deepEqual(await desired("a"), { settings: { period: 1 }, extra: true });
    });

    it("target every device by *, and none without a condition", async () => {
      await put("none", { targetCondition: "" });
      assert.deepEqual(await desired("a"), {});
      await put("all", { targetCondition: "*" });
      assert.deepEqual(
        [await desired("a"), await desired("b")],
        [{ settings: { period: 5 } }, { settings: { period: 5 } }],
      );
    });

    it("push to a connected device what they change", async () => {
      const { connections } = owner.plane.hubs.devices;
      const connection = connections.open({ hub: "hub-key-hub-1", deviceId: "a" }, { end: () => undefined });
      const patches: unknown[] = [];
      connection.receiveDesired = ({ patch, version }) => patches.push([patch, version]);
      await put("c-1");
      assert.deepEqual(patches, [[{ settings: { period: 5 } }, 2]]);
      connections.endAll("the test ends");
    });

    it("leave a twin as it is that would be too large", async () => {
      await put("big", {
        content: { deviceContent: { "properties.desired.a.b.c.d.e.f.g.h.i.j.k.l": 1 } },
        targetCondition: "*",
      });
      assert.deepEqual(await desired("a"), {});
      assert.deepEqual((await get("big")).systemMetrics.results, { targetedCount: 0, appliedCount: 0 });
    });

    it("are applied at the start where an earlier process ended before", async () => {
      owner.plane.hubs.configurations.stop();
      await owner.done(PUT, { configurationId: "c-1" }, body("c-1"));
      const later = new HubOwner(new DataPlane({ database: owner.plane.database }));
      later.plane.hubs.configurations.start();
      await later.plane.hubs.configurations.settled();
      assert.deepEqual(await desired("a"), { settings: { period: 5 } });
    });

    it("reach every device of many", async () => {
      const items = Array.from({ length: 100 }, (_, n) => ({ id: `d-${n}`, tags: { site: "many" } }));
      await owner.done("BulkRegistry_UpdateRegistry", {}, items);
      await put("c-1", { targetCondition: "tags.site = 'many'" });
      assert.deepEqual((await get("c-1")).systemMetrics.results, { targetedCount: 100, appliedCount: 100 });
    });
  });

  it("of modules set desired properties of their twins", async () => {
    await owner.module("a", "camera");
    await owner.module("a", "radio");
    await put("m-1", {
      content: { moduleContent: { "properties.desired.fps": 30 } },
      targetCondition: "from devices.modules where moduleId = 'camera'",
    });
    assert.deepEqual([await ofModule("a", "camera"), await ofModule("a", "radio")], [{ fps: 30 }, {}]);
    const { systemMetrics } = await get("m-1");
    assert.deepEqual(systemMetrics.results, { targetedCount: 1, appliedCount: 1 });
    const rows = await owner.done("Query_GetTwins", {}, { query: systemMetrics.queries.targetedCount });
    assert.deepEqual(rows, [{ deviceId: "a", moduleId: "camera" }]);
    await owner.module("b", "camera");
    await settled();
    assert.deepEqual(await ofModule("b", "camera"), { fps: 30 });
  });

  describe("of Edge devices", () => {
    beforeEach(async () => {
      await owner.device("gateway", EDGE);
      await owner.done("Devices_UpdateTwin", { deviceId: "gateway" }, { tags: { site: "north" } });
    });

    it("set the runtime's twins, and create the modules", async () => {
      await put("e-1", { content: WHOLE });
      assert.deepEqual(await ofModule("gateway", "$edgeAgent"), AGENT["properties.desired"]);
      assert.deepEqual(await ofModule("gateway", "$edgeHub"), HUB["properties.desired"]);
      assert.deepEqual(await ofModule("gateway", "camera"), { fps: 30 });
      assert.equal(
        (await owner.done("Modules_GetIdentity", { deviceId: "gateway", moduleId: "camera" })).managedBy,
        "IotEdge",
      );
      const { systemMetrics } = await get("e-1");
      assert.deepEqual(systemMetrics.results, {
        targetedCount: 1,
        appliedCount: 1,
        reportedSuccessfulCount: 0,
        reportedFailedCount: 0,
      });
      assert.deepEqual(await desired("a"), {}, "a device that is no Edge device is not touched");
      const running = await moduleIds("gateway");
      await remove("e-1");
      assert.deepEqual(await ofModule("gateway", "$edgeAgent"), AGENT["properties.desired"]);
      assert.deepEqual(await moduleIds("gateway"), running);
    });

    it("act by the strongest whole one, with layers above it", async () => {
      const layer = { modulesContent: { $edgeAgent: { "properties.desired.modules.radio": { image: "r" } } } };
      await put("weak", {
        content: { modulesContent: { $edgeAgent: { "properties.desired": { weak: 1 } }, $edgeHub: HUB } },
        priority: 1,
      });
      await put("below", {
        content: { modulesContent: { $edgeAgent: { "properties.desired.modules.low": {} } } },
        priority: 5,
      });
      await put("base", { content: WHOLE, priority: 10 });
      await put("layer", { content: layer, priority: 20 });
      assert.deepEqual(await ofModule("gateway", "$edgeAgent"), {
        modules: { camera: { image: "a" }, radio: { image: "r" } },
        runtime: { type: "docker" },
      });
      assert.deepEqual(await moduleIds("gateway"), ["$edgeAgent", "$edgeHub", "camera", "radio"]);
      assert.deepEqual((await get("weak")).systemMetrics.results.appliedCount, 0);
      assert.deepEqual((await get("weak")).systemMetrics.results.targetedCount, 1);
      await remove("base");
      assert.deepEqual(await ofModule("gateway", "$edgeAgent"), {
        weak: 1,
        modules: { low: {}, radio: { image: "r" } },
      });
    });

    it("count what the agent reports", async () => {
      await put("e-1", { content: WHOLE });
      const key = { deviceId: "gateway", moduleId: "$edgeAgent" };
      const { $version } = (await owner.done("Modules_GetTwin", key)).properties.desired;
      const reported = { lastDesiredVersion: $version, lastDesiredStatus: { code: 200 } };
      await owner.plane.hubs.devices.patchReported({ hub: "hub-key-hub-1", ...key }, reported);
      const { results } = (await get("e-1")).systemMetrics;
      assert.deepEqual([results.reportedSuccessfulCount, results.reportedFailedCount], [1, 0]);
    });

    it("take a content for one device alone", async () => {
      const apply = (deviceId: string, content: object) =>
        ["Configuration_ApplyOnEdgeDevice", { deviceId }, content] as const;
      assert.equal((await owner.ask(...apply("gateway", WHOLE))).status, 204);
      assert.deepEqual(await ofModule("gateway", "$edgeAgent"), AGENT["properties.desired"]);
      assert.deepEqual(await moduleIds("gateway"), ["$edgeAgent", "$edgeHub", "camera"]);
      const empty = { modulesContent: { $edgeAgent: { "properties.desired": {} }, $edgeHub: HUB } };
      await owner.done(...apply("gateway", empty));
      assert.deepEqual(
        [await ofModule("gateway", "$edgeAgent"), await moduleIds("gateway")],
        [{}, ["$edgeAgent", "$edgeHub"]],
      );
      await owner.refused([...apply("a", WHOLE)], 400, "ArgumentInvalid", "a is no Edge device");
      await owner.refused([...apply("none", WHOLE)], 404, "DeviceNotFound");
      const device = { deviceContent: { "properties.desired.a": 1 } };
      await owner.refused([...apply("gateway", device)], 400, "InvalidConfigurationContent");
    });
  });

  it("go with their hub", async () => {
    await put("c-1");
    owner.plane.directory.remove("hub", "hub-key-hub-1");
    assert.doesNotMatch(owner.plane.contents(), /c-1/);
  });

  it("differ from a section by a patch that makes it", () => {
    const leaf = fc.oneof(fc.integer(), fc.constantFrom("a", true));
    const canonical = (value: unknown): string =>
      isObject(value)
        ? `{${Object.entries(value)
            .map(([name, member]) => `${name}:${canonical(member)}`)
            .sort()
            .join()}}`
        : JSON.stringify(value);
    const names = fc.constantFrom("a", "b", "__proto__");
    const plain = { noNullPrototype: true };
    const section: fc.Arbitrary<TwinSection> = fc.dictionary(
      names,
      fc.oneof(leaf, fc.dictionary(names, leaf, plain)),
      plain,
    );
    fc.assert(
      fc.property(section, section, (before, after) => {
        assert.equal(
          canonical(mergeSection(before, patchBetween(before, after) ?? {})),
          canonical(mergeSection({}, after)),
        );
        assert.equal(patchBetween(after, after), undefined);
      }),
    );
    assert.deepEqual(withValue({ a: { b: 1, c: 2 } }, ["a", "b"], undefined), { a: { c: 2 } });
    assert.deepEqual(withValue({ a: 1 }, ["a", "b"], undefined), { a: 1 });
    assert.deepEqual(withValue({ a: 1 }, ["a", "b"], 2), { a: { b: 2 } });
  });
});
