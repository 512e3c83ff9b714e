import { strict as assert } from "node:assert";
import { DAY_MS } from "../../../../certs/clock";
import { EventStore } from "../../../../emulator/hub/events/eventStore";
import { DAY_SECONDS } from "../../../../emulator/kernel/clock";
import { Database } from "../../../../emulator/kernel/database";
import { HandClock } from "../../../cast/testDependencies";

const HUB = { key: "hub-key", events: { host: "h", path: "p", retentionMs: DAY_MS } };

const draft = (partitionId: number, text = "x") => ({
  deviceId: "dev-1",
  partitionId,
  systemProperties: {},
  properties: {},
  body: Buffer.from(text),
});

describe("the partitions of a hub's events", () => {
  it("number their events one by one, each from 0", () => {
    const database = new Database(":memory:");
    const store = new EventStore({ database, clock: new HandClock() });
    store.append(HUB, [draft(0), draft(1), draft(0)]);
    store.append({ ...HUB, key: "other" }, [draft(0)]);
    store.append(HUB, [draft(0)]);
    const numbers = (partition: number) =>
      store.readPartition(HUB.key, partition, -1, 10).map(({ sequenceNumber }) => sequenceNumber);
    assert.deepEqual([numbers(0), numbers(1), numbers(2)], [[0, 1, 2], [0], []]);
    const offsets = store.readPartition(HUB.key, 0, -1, 10).map(({ offset }) => offset);
    assert.deepEqual(
      offsets,
      [...offsets].sort((a, b) => a - b),
    );
    assert.equal(new Set(offsets).size, 3);
  });

  it("leave no gap where a transaction is rolled back", async () => {
    const database = new Database(":memory:");
    const store = new EventStore({ database, clock: new HandClock() });
    const works = [0, 1, 2].map((index) =>
      database.groupCommit(() => {
        store.append(HUB, [draft(0, String(index))]);
        if (index === 1) throw new Error("refused");
      }),
    );
    await Promise.allSettled(works);
    const events = store.readPartition(HUB.key, 0, -1, 10);
    assert.deepEqual(
      events.map(({ sequenceNumber, body }) => [sequenceNumber, body.toString()]),
      [
        [0, "0"],
        [1, "2"],
      ],
    );
  });

  it("go on counting after all events are past their retention", () => {
    const clock = new HandClock();
    const database = new Database(":memory:");
    const store = new EventStore({ database, clock });
    store.append(HUB, [draft(0), draft(0)]);
    clock.advance(2 * DAY_SECONDS);
    for (let count = 0; count < 64; count += 1) store.append(HUB, [draft(1)]);
    assert.deepEqual(store.partition(HUB.key, 0), {
      firstSequenceNumber: 2,
      lastSequenceNumber: 1,
      lastOffset: -1,
      lastEnqueued: undefined,
      isEmpty: true,
    });
    store.append(HUB, [draft(0)]);
    assert.equal(store.readPartition(HUB.key, 0, -1, 10)[0]?.sequenceNumber, 2);
  });

  it("take the events of an earlier version", () => {
    const database = new Database(":memory:");
    database.define(`CREATE TABLE hub_event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, hub TEXT NOT NULL,
      device_id TEXT NOT NULL, enqueued INTEGER NOT NULL, partition_id INTEGER NOT NULL, system TEXT NOT NULL,
      properties TEXT NOT NULL, body BLOB NOT NULL)`);
    for (const [hub, partition] of [
      ["hub-key", 0],
      ["other", 0],
      ["hub-key", 1],
      ["hub-key", 0],
    ] as const) {
      const row = {
        hub,
        device_id: "d",
        enqueued: new HandClock().now().getTime(),
        system: "{}",
        properties: "{}",
        body: Buffer.from("x"),
      };
      database.put("hub_event", { ...row, partition_id: partition });
    }
    const store = new EventStore({ database, clock: new HandClock() });
    store.append(HUB, [draft(0)]);
    const places = store
      .readPartition(HUB.key, 0, -1, 10)
      .map(({ sequenceNumber, offset }) => [sequenceNumber, offset]);
    assert.deepEqual(
      places.map(([sequence]) => sequence),
      [0, 1, 2],
    );
    assert.deepEqual(
      places.map(([, offset]) => offset),
      [0, 64, 128],
    );
  });
});
