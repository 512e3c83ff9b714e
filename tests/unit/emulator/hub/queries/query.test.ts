import { strict as assert } from "node:assert";
import { HubOwner } from "../../../../cast/hubOwner";

describe("IoT Hub service API: queries", () => {
  let owner: HubOwner;

  beforeEach(async () => {
    owner = new HubOwner();
    for (const [id, site, floor] of [
      ["a", "north", 1],
      ["b", "south", 2],
      ["c", "north", 3],
    ] as const) {
      await owner.device(id, { capabilities: { iotEdge: id === "c" } });
      await owner.done("Devices_UpdateTwin", { deviceId: id }, { tags: { site, floor } });
    }
    await owner.module("a", "m");
    await owner.done("Modules_UpdateTwin", { deviceId: "a", moduleId: "m" }, { tags: { kind: "camera" } });
  });

  const ask = (query: string, headers: Record<string, string> = {}) =>
    owner.ask("Query_GetTwins", {}, { query }, headers);
  const rows = async (query: string) =>
    (await owner.done("Query_GetTwins", {}, { query })) as Record<string, unknown>[];
  const ids = async (query: string) => (await rows(query)).map(({ deviceId }) => deviceId);

  it("return twins that meet a condition", async () => {
    const north = await ask("SELECT * FROM devices WHERE tags.site = 'north' AND tags.floor > 1");
    assert.equal(north.headers["x-ms-item-type"], "Twin");
    assert.deepEqual(north.body, [await owner.done("Devices_GetTwin", { deviceId: "c" })]);
    assert.deepEqual(await ids("select * from devices where capabilities.iotEdge = true"), ["c"]);
    assert.deepEqual(await ids("SELECT * FROM devices WHERE deviceId IN ['b', 'a', 'x']"), ["a", "b"]);
    assert.deepEqual(await ids("SELECT * FROM devices WHERE deviceId = 'b' AND tags.site = 'north'"), []);
    assert.deepEqual(await ids("SELECT * FROM devices WHERE properties.desired.$version = 1"), ["a", "b", "c"]);
  });

  it("return members by name or alias", async () => {
    const { headers, body } = await ask(
      "SELECT DeviceId, tags.site AS place, tags.none FROM devices WHERE tags.floor < 3",
    );
    assert.equal(headers["x-ms-item-type"], "Raw");
    assert.deepEqual(body, [
      { deviceId: "a", place: "north" },
      { deviceId: "b", place: "south" },
    ]);
  });

  it("count and group", async () => {
    assert.deepEqual(await rows("SELECT COUNT() AS n FROM devices"), [{ n: 3 }]);
    assert.deepEqual(await rows("SELECT COUNT() AS n, MAX(tags.floor) AS m FROM devices WHERE tags.floor > 9"), [
      { n: 0 },
    ]);
    assert.deepEqual(
      await rows("SELECT tags.site AS site, COUNT() AS n, AVG(tags.floor) AS mean FROM devices GROUP BY tags.site"),
      [
        { site: "north", n: 2, mean: 2 },
        { site: "south", n: 1, mean: 2 },
      ],
    );
    assert.deepEqual(
      await rows("SELECT SUM(tags.floor) AS s, MIN(tags.site) AS least, MAX(tags.floor) AS most FROM devices"),
      [{ s: 6, least: "north", most: 3 }],
    );
  });

  it("return modules", async () => {
    const found = await rows("SELECT * FROM devices.modules WHERE tags.kind = 'camera'");
    assert.deepEqual(found, [await owner.done("Modules_GetTwin", { deviceId: "a", moduleId: "m" })]);
    const all = await rows("SELECT deviceId, moduleId FROM devices.modules");
    assert.deepEqual(all, [
      { deviceId: "a", moduleId: "m" },
      { deviceId: "c", moduleId: "$edgeAgent" },
      { deviceId: "c", moduleId: "$edgeHub" },
    ]);
    assert.equal((await rows("select * from devices.modules where devices.deviceId='c'")).length, 2);
  });

  it("come in pages, whole and in order", async () => {
    for (const [query, expected] of [
      ["SELECT deviceId FROM devices", ["a", "b", "c"]],
      ["SELECT TOP 2 deviceId FROM devices", ["a", "b"]],
      ["SELECT deviceId FROM devices WHERE deviceId IN ['c', 'a']", ["a", "c"]],
      ["SELECT tags.site AS deviceId FROM devices GROUP BY tags.site", ["north", "south"]],
      ["SELECT deviceId FROM devices.modules", ["a", "c", "c"]],
    ] as const) {
      for (const size of [1, 2, 3, 100]) {
        const seen: string[] = [];
        let continuation: string | undefined = "";
        let pages = 0;
        while (continuation !== undefined) {
          const { headers, body } = await ask(query, {
            "x-ms-max-item-count": `${size}`,
            "x-ms-continuation": continuation,
          });
          assert.ok(body.length <= size);
          seen.push(...body.map(({ deviceId }: { deviceId: string }) => deviceId));
          continuation = headers["x-ms-continuation"];
          pages += 1;
        }
        assert.deepEqual([seen, pages], [expected, Math.ceil(expected.length / size)], `${query} by ${size}`);
      }
    }
  });

  it("read more devices than one batch", async () => {
    const items = Array.from({ length: 100 }, (_, n) => ({ id: `d-${n}`, tags: { n } }));
    for (const prefix of ["x", "y", "z"]) {
      await owner.done(
        "BulkRegistry_UpdateRegistry",
        {},
        items.map((item) => ({ ...item, id: `${prefix}${item.id}` })),
      );
    }
    assert.deepEqual(await rows("SELECT COUNT() AS n FROM devices WHERE is_defined(tags.n)"), [{ n: 300 }]);
    assert.deepEqual(await ids("SELECT deviceId FROM devices WHERE tags.n = 99"), ["xd-99", "yd-99", "zd-99"]);
  });

  it("are refused where they are wrong", async () => {
    const query = (text: string) => ["Query_GetTwins", {}, { query: text }] as const;
    await owner.refused([...query("SELECT * FROM devices WHERE")], 400, "ArgumentInvalid", "the query is invalid");
    await owner.refused([...query("SELECT * FROM devices ORDER BY deviceId")], 400, "ArgumentInvalid", "ORDER");
    const long = `SELECT * FROM devices${" ".repeat(8192)}x`;
    await owner.refused([...query(long)], 400, "ArgumentInvalid", "8192 characters");
    for (const token of [
      "AAAA",
      Buffer.from("at:x").toString("base64url"),
      Buffer.from("at:[1]").toString("base64url"),
    ]) {
      const headers = { "x-ms-continuation": token };
      await owner.refused([...query("SELECT * FROM devices"), headers], 400, "ArgumentInvalid", "x-ms-continuation");
    }
  });
});
