import type { Database } from "../../kernel/database";
import { EventBatch } from "./eventBatch";

/** Bytes by which the offset of an event of the first version exceeds that of the one before it. */
const MIN_OFFSET = 64;

/**
 * Batches of events. `last_sequence` is the number of a batch's last event among all events; `partition_sequence` and
 * `partition_offset` are the places of its first event in its partition. The events are the last column, so that SQLite reads
 * their pages only where they are wanted.
 *
 * `hub_partition` says where the next event of a partition goes, which retention does not forget.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_event_batch (
  last_sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  hub TEXT NOT NULL,
  partition_id INTEGER NOT NULL,
  enqueued INTEGER NOT NULL,
  count INTEGER NOT NULL,
  partition_sequence INTEGER NOT NULL,
  partition_offset INTEGER NOT NULL,
  last_offset INTEGER NOT NULL,
  events BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS hub_event_batch_partition ON hub_event_batch (hub, partition_id, partition_sequence);
CREATE INDEX IF NOT EXISTS hub_event_batch_enqueued ON hub_event_batch (hub, enqueued);
CREATE TABLE IF NOT EXISTS hub_partition (
  hub TEXT NOT NULL,
  partition_id INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  PRIMARY KEY (hub, partition_id)
);
`;

/** Gives the events of the first version, a row each in `hub_event`, their places in their partitions. */
const PLACES = `
UPDATE hub_event SET partition_sequence = numbered.place, partition_offset = numbered.place * ${MIN_OFFSET}
  FROM (SELECT sequence AS id, row_number() OVER (PARTITION BY hub, partition_id ORDER BY sequence) - 1 AS place
    FROM hub_event WHERE partition_sequence IS NULL) AS numbered
  WHERE sequence = numbered.id AND partition_sequence IS NULL;
INSERT OR IGNORE INTO hub_partition (hub, partition_id, next_sequence, next_offset)
  SELECT hub, partition_id, max(partition_sequence) + 1, max(partition_offset) + ${MIN_OFFSET}
  FROM hub_event GROUP BY hub, partition_id;
`;

/** Rows of an earlier version that are converted at a time. */
const STEP = 500;

/** Makes each event of an earlier version, a row of `hub_event`, a batch of one, at the same place. */
function convertEvents(database: Database): void {
  database.addColumns("hub_event", { partition_sequence: "INTEGER", partition_offset: "INTEGER" });
  database.transaction(() => {
    database.define(PLACES);
    database.run("DELETE FROM sqlite_sequence WHERE name = 'hub_event_batch'");
    database.run(`INSERT INTO sqlite_sequence (name, seq)
      SELECT 'hub_event_batch', seq FROM sqlite_sequence WHERE name = 'hub_event'`);
    const page = "SELECT * FROM hub_event WHERE sequence > ? ORDER BY sequence LIMIT ?";
    for (let rows = database.all(page, 0, STEP); rows.length > 0; ) {
      for (const row of rows) {
        const { "iothub-enqueuedtime": _, ...systemProperties } = JSON.parse(String(row.system));
        const properties = JSON.parse(String(row.properties));
        const batch = new EventBatch(Number(row.partition_id));
        const body = Buffer.from(row.body as Buffer);
        batch.add({ deviceId: String(row.device_id), partitionId: 0, systemProperties, properties, body });
        database.put("hub_event_batch", {
          last_sequence: row.sequence,
          hub: row.hub,
          partition_id: row.partition_id,
          enqueued: row.enqueued,
          count: 1,
          partition_sequence: row.partition_sequence,
          partition_offset: row.partition_offset,
          last_offset: row.partition_offset,
          events: batch.encode(),
        });
      }
      rows = database.all(page, rows.at(-1)?.sequence ?? 0, STEP);
    }
    database.define("DROP TABLE hub_event");
  });
}

/** Creates the tables of events, and takes over those of an earlier version. */
export function defineEventTables(database: Database): void {
  database.define(SCHEMA);
  if (database.find("sqlite_master", { type: "table", name: "hub_event" })) convertEvents(database);
}
