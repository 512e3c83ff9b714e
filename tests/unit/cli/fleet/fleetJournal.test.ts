import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDone, progressOf } from "../../../../cli/fleet/deviceProgress";
import { FleetJournal, type JournalEntry, readJournal } from "../../../../cli/fleet/fleetJournal";

const registered = (index: number, at = 1): JournalEntry => {
  const registrationId = `fleet-${index}`;
  return { event: "registered", index, registrationId, deviceId: registrationId, hub: "h", ms: 5, attempts: 1, at };
};

describe("the journal of a fleet", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fleet-journal-"));
    path = join(folder, "journal.jsonl");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("goes on after half a line, wherever a kill cut it", () => {
    const whole = [registered(0), registered(1)].map((entry) => `${JSON.stringify(entry)}\n`);
    const last = whole[1] ?? "";
    for (let cut = 0; cut < last.length; cut += 1) {
      writeFileSync(path, `${whole[0]}${last.slice(0, cut)}`);
      const journal = FleetJournal.open(path);
      assert.deepEqual(journal.before, [registered(0)]);
      journal.add(registered(1));
      journal.close();
      assert.equal(readFileSync(path, "utf8"), whole.join(""));
    }
    const journal = FleetJournal.open(path);
    assert.equal(journal.before.length, 2);
    journal.close();
  });

  it("is readable by its owner only", () => {
    FleetJournal.open(path).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("refuses a file that is no journal, without its text", () => {
    for (const text of [
      "secret\n",
      "{}\n",
      "null\n",
      '{"event":"registered","at":1}\n',
      '{"event":"other","at":1}\n',
    ]) {
      writeFileSync(path, `${JSON.stringify(registered(0))}\n${text}`);
      assert.throws(
        () => FleetJournal.open(path),
        (error: Error & { code?: string; why?: string }) => {
          assert.equal(error.code, "WRONG_JOURNAL");
          assert.equal(error.why, "Line 2 is no entry.");
          return !error.message.includes("secret");
        },
      );
      assert.equal(readFileSync(path, "utf8").endsWith(text), true);
    }
  });

  it("says how far a device is, by its last entries", () => {
    const failed = { event: "failed", index: 1, registrationId: "fleet-1", at: 2, step: "register" } as const;
    const devices = progressOf([
      { event: "started", idScope: "0ne", endpoint: "e", shard: "0/1", devices: 3, at: 0 },
      { ...failed, code: "429001", reason: "busy", remedy: "wait" },
      registered(0),
      { event: "sent", index: 0, messages: 2, at: 3 },
      registered(1),
    ]);
    assert.deepEqual([...devices.keys()], [1, 0]);
    assert.deepEqual(devices.get(0), { assigned: { hub: "h", deviceId: "fleet-0", ms: 5 }, sent: 2 });
    assert.equal(devices.get(1)?.failure, undefined);
    assert.deepEqual(
      [0, 1].map((index) => isDone(devices.get(index) ?? { sent: 0 }, 2)),
      [true, false],
    );
  });

  it("counts bytes, not characters", () => {
    const bytes = Buffer.from(`${JSON.stringify({ ...registered(0), hub: "größe" })}\n{`);
    assert.equal(readJournal(path, bytes).length, bytes.length - 1);
  });
});
