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

  it("are read from any place inside of what was stored together", () => {
    const clock = new HandClock();
    const store = new EventStore({ database: new Database(":memory:"), clock });
    const sent: string[] = [];
    // One batch of small events, one with an event that fills it, and one of a single event.
    for (const sizes of [[1, 2, 3], [70_000, 4, 5], [6]]) {
      store.append(
        HUB,
        sizes.map((size) => draft(0, "x".repeat(size))),
      );
      sent.push(...sizes.map(String));
      clock.advance(1);
    }
    const lengths = (after: number, top = 100) =>
      store.readPartition(HUB.key, 0, after, top).map(({ body }) => String(body.length));
    for (let from = 0; from <= sent.length; from += 1) {
      assert.deepEqual(lengths(from - 1), sent.slice(from));
      assert.deepEqual(lengths(from - 1, 2), sent.slice(from, from + 2));
    }
    const events = store.readPartition(HUB.key, 0, -1, 100);
    for (const { sequenceNumber, offset } of events) {
      for (const [by, value] of [["offset", offset] as const, ["sequenceNumber", sequenceNumber] as const]) {
        assert.equal(store.startOf(HUB.key, 0, { by, value, isInclusive: true }), sequenceNumber - 1);
        assert.equal(store.startOf(HUB.key, 0, { by, value, isInclusive: false }), sequenceNumber);
      }
    }
    const atSecond = { by: "enqueued", value: events[3]?.enqueued.getTime() ?? 0 } as const;
    assert.equal(store.startOf(HUB.key, 0, { ...atSecond, isInclusive: true }), 2);
    assert.equal(store.startOf(HUB.key, 0, { ...atSecond, isInclusive: false }), 5);
    assert.equal(store.countSince(HUB.key, atSecond.value), 4);
    assert.equal(store.partition(HUB.key, 0).lastOffset, events.at(-1)?.offset);
  });

  it("are read by device, behind an event, over partitions", () => {
    const store = new EventStore({ database: new Database(":memory:"), clock: new HandClock() });
    const devices = ["d", 'a"quote', "é"];
    for (let round = 0; round < 60; round += 1) {
      store.append(
        HUB,
        devices.map((deviceId, index) => ({ ...draft(index % 2, `["d",${round}`), deviceId })),
      );
    }
    for (const deviceId of devices) {
      const all = store.read(HUB.key, { deviceId });
      assert.deepEqual([all.length, new Set(all.map((each) => each.deviceId)).size], [60, 1]);
      const afterSequence = all[30]?.sequenceNumber ?? 0;
      assert.deepEqual(store.read(HUB.key, { deviceId, afterSequence, top: 5 }), all.slice(31, 36));
    }
    const numbers = store.read(HUB.key, { top: 1000 }).map(({ sequenceNumber }) => sequenceNumber);
    assert.deepEqual([numbers.length, new Set(numbers).size], [180, 180]);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
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
    const { lastOffset } = store.partition(HUB.key, 0);
    clock.advance(2 * DAY_SECONDS);
    for (let count = 0; count < 64; count += 1) store.append(HUB, [draft(1)]);
    const { lastOffset: offset, ...state } = store.partition(HUB.key, 0);
    assert.deepEqual(state, {
      firstSequenceNumber: 2,
      lastSequenceNumber: 1,
      lastEnqueued: undefined,
      isEmpty: true,
    });
    store.append(HUB, [draft(0)]);
    assert.ok(lastOffset <= offset && offset < store.partition(HUB.key, 0).lastOffset);
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
