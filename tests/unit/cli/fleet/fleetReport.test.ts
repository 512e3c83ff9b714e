import { strict as assert } from "node:assert";
import type { JournalEntry } from "../../../../cli/fleet/fleetJournal";
import { reportOf, reportText } from "../../../../cli/fleet/fleetReport";

const started = (shard: string, devices: number, more: { at?: number; idScope?: string } = {}): JournalEntry => {
  const { at = 0, idScope = "0ne1" } = more;
  return { event: "started", idScope, endpoint: "dps.example", shard, devices, at };
};

const registered = (index: number, ms: number, at: number, hub = "hub-1"): JournalEntry => {
  const registrationId = `fleet-${index}`;
  return { event: "registered", index, registrationId, deviceId: registrationId, hub, ms, attempts: 1, at };
};

const failed = (index: number, code = "401002"): JournalEntry => {
  const text = { code, reason: "no path to a CA", remedy: "Check the root." };
  return { event: "failed", index, registrationId: `fleet-${index}`, step: "register", ...text, at: 500 };
};

describe("the report of a fleet", () => {
  it("counts results, codes, hubs and messages, with percentiles and the seconds of all runs", () => {
    const entries = [
      started("0/1", 104),
      ...Array.from({ length: 100 }, (_, index) => registered(index, index + 1, 10 * index, `hub-${index % 2}`)),
      failed(100),
      failed(101),
      failed(102, "unreachable"),
      { event: "sent", index: 0, messages: 3, at: 2000 } as const,
      started("0/1", 104, { at: 10_000 }),
      registered(101, 40, 11_000),
    ];
    const report = reportOf([entries]);
    assert.deepEqual([report.devices, report.registered, report.failed, report.left], [104, 101, 2, 1]);
    assert.deepEqual(report.codes, { "401002": 1, unreachable: 1 });
    assert.deepEqual(report.hubs, { "hub-0": 50, "hub-1": 51 });
    assert.deepEqual(report.latencyMs, { p50: 50, p90: 90, p99: 99, max: 100 });
    assert.deepEqual([report.messages, report.seconds], [3, 3]);
    const text = reportText(report);
    assert.match(text, /^101 of 104 devices registered \(ID scope 0ne1\), 2 failed, 1 left\.$/m);
    assert.match(text, /^Failed with 401002: 1 devices\.\n {2}To fix: Check the root\.$/m);
    assert.match(text, /^ {2}fleet-100: no path to a CA$/m);
  });

  it("lists ten failed devices and the number of the others", () => {
    const failures = Array.from({ length: 25 }, (_, index) => failed(index));
    const text = reportText(reportOf([[started("0/1", 25), ...failures]]));
    assert.equal(text.match(/no path to a CA/g)?.length, 10);
    assert.match(text, /^ {2}and 15 more, in report\.json$/m);
  });

  it("merges shards, and names those without a journal", () => {
    const report = reportOf([
      [started("2/3", 3), registered(2, 7, 1000)],
      [started("0/3", 4), registered(0, 5, 4000), failed(3)],
    ]);
    assert.deepEqual(report.shards, ["0/3", "2/3"]);
    assert.deepEqual(report.missingShards, ["1/3"]);
    assert.deepEqual([report.devices, report.registered, report.failed, report.left], [7, 2, 1, 4]);
    assert.equal(report.seconds, 4);
    assert.match(reportText(report), /No journal of shard 1\/3/);
  });

  it("refuses journals of two fleets, and two of one shard", () => {
    const wrong = [
      [[]],
      [[started("0/2", 1)], [started("1/3", 1)]],
      [[started("0/2", 1)], [started("1/2", 1, { idScope: "0ne2" })]],
      [[started("0/2", 1)], [started("0/2", 1)]],
    ];
    for (const journals of wrong) assert.throws(() => reportOf(journals), { code: "WRONG_JOURNALS" });
  });
});
