import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { namedDevices } from "../../../../cli/fleet/fleetDevices";
import { isInShard, readShard, shardSize, shardText, WHOLE } from "../../../../cli/fleet/shard";

describe("the shards of a fleet", () => {
  it("are disjoint and complete, and a device has the same name in every sharding", () => {
    const sizes = { total: fc.integer({ min: 1, max: 300 }), count: fc.integer({ min: 1, max: 40 }) };
    fc.assert(
      fc.property(fc.record(sizes), ({ total, count }) => {
        const names = { prefix: "f-", count: total };
        const whole = [...namedDevices(names, WHOLE)];
        const shards = Array.from({ length: count }, (_, index) => ({ index, count }));
        const parts = shards.map((shard) => [...namedDevices(names, shard)]);
        assert.deepEqual(
          parts.flat().sort((a, b) => a.index - b.index),
          whole,
        );
        for (const shard of shards) {
          const devices = parts[shard.index] ?? [];
          assert.equal(devices.length, shardSize(total, shard));
          assert.ok(devices.every(({ index }) => isInShard(index, shard)));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("name a device by its prefix and its number", () => {
    const names = { prefix: "line-", count: 3 };
    assert.deepEqual([...namedDevices(names, { index: 1, count: 2 })], [{ index: 1, registrationId: "line-000002" }]);
  });

  it("are read as INDEX/COUNT", () => {
    assert.deepEqual(readShard("3/8"), { index: 3, count: 8 });
    assert.equal(shardText(readShard(undefined)), "0/1");
    for (const text of ["8/8", "1/0", "0/0", "a/2", "1", "-1/2", "1/2/3", "$(JOB_COMPLETION_INDEX)/4", ""]) {
      assert.throws(() => readShard(text), { code: "WRONG_SHARD" }, text);
    }
  });
});
