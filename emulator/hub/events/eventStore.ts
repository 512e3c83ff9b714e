import { isUtf8 } from "node:buffer";
import type { Row } from "../../kernel/database";
import type { HubRecord } from "../../kernel/directory";
import { parseJson } from "../../kernel/parseJson";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

/** Bytes by which the offset of a partition grows with each event, besides the event's own. */
const MIN_OFFSET = 64;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  hub TEXT NOT NULL,
  device_id TEXT NOT NULL,
  enqueued INTEGER NOT NULL,
  partition_id INTEGER NOT NULL,
  system TEXT NOT NULL,
  properties TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS hub_event_device ON hub_event (hub, device_id, sequence);
CREATE INDEX IF NOT EXISTS hub_event_enqueued ON hub_event (hub, enqueued);
`;

/**
 * The place of an event in its partition, and where the next one goes, which retention does not forget. Events of an
 * earlier version get theirs once.
 */
const PARTITIONS = `
CREATE TABLE IF NOT EXISTS hub_partition (
  hub TEXT NOT NULL,
  partition_id INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  PRIMARY KEY (hub, partition_id)
);
CREATE INDEX IF NOT EXISTS hub_event_partition ON hub_event (hub, partition_id, partition_sequence);
UPDATE hub_event SET partition_sequence = numbered.place, partition_offset = numbered.place * ${MIN_OFFSET}
  FROM (SELECT sequence AS id, row_number() OVER (PARTITION BY hub, partition_id ORDER BY sequence) - 1 AS place
    FROM hub_event WHERE partition_sequence IS NULL) AS numbered
  WHERE sequence = numbered.id AND partition_sequence IS NULL;
INSERT OR IGNORE INTO hub_partition (hub, partition_id, next_sequence, next_offset)
  SELECT hub, partition_id, max(partition_sequence) + 1, max(partition_offset) + ${MIN_OFFSET}
  FROM hub_event GROUP BY hub, partition_id;
`;

/** Takes the next places of a partition. Parameters: hub, partition, events, bytes. Returns where the next ones begin. */
const TAKE_PLACES = `INSERT INTO hub_partition (hub, partition_id, next_sequence, next_offset) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    next_sequence = next_sequence + excluded.next_sequence, next_offset = next_offset + excluded.next_offset
  RETURNING next_sequence AS sequence, next_offset AS offset`;

const INSERT_EVENT = `INSERT INTO hub_event (hub, device_id, enqueued, partition_id, system, properties, body,
  partition_sequence, partition_offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Number of new events between two sweeps of old ones. */
const SWEEP_EVERY = 64;

/** A device-to-cloud event as the control listener returns it. */
export interface HubEvent {
  /** Rises from event to event; unique within the local Azure, with gaps. */
  readonly sequenceNumber: number;
  readonly deviceId: string;
  /** ISO 8601. */
  readonly enqueuedTimeUtc: string;
  readonly partitionId: string;
  readonly systemProperties: Readonly<Record<string, string>>;
  /** Application properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** JSON where the event says it is JSON; else text where it is UTF-8; else `{ base64 }`. */
  readonly body: unknown;
}

/** An event to store. */
export interface EventDraft extends Pick<HubEvent, "deviceId" | "systemProperties" | "properties"> {
  readonly partitionId: number;
  readonly body: Buffer;
}

/** An event as the Event Hubs-compatible endpoint sends it. */
export interface PartitionEvent extends Pick<HubEvent, "deviceId" | "systemProperties" | "properties"> {
  /** Rises by one from event to event of the partition, from 0. */
  readonly sequenceNumber: number;
  /** Rises from event to event of the partition. */
  readonly offset: number;
  readonly enqueued: Date;
  readonly body: Buffer;
}

/** Which events a reader starts with. */
export interface EventPosition {
  readonly by: "sequenceNumber" | "offset" | "enqueued";
  /** Milliseconds since 1970 for `enqueued`. */
  readonly value: number;
  readonly isInclusive: boolean;
}

/** What a partition holds. */
export interface PartitionState {
  /** Of the oldest event; the next one's, if the partition is empty. */
  readonly firstSequenceNumber: number;
  /** -1 before the first event. */
  readonly lastSequenceNumber: number;
  readonly lastOffset: number;
  /** Undefined without an event. */
  readonly lastEnqueued: Date | undefined;
  readonly isEmpty: boolean;
}

/** Filter of events. */
export interface EventQuery {
  readonly deviceId?: string;
  /** Only later events. Default 0: from the oldest. */
  readonly afterSequence?: number;
  /** Maximum number of events, 1 to 1,000. Default 100. */
  readonly top?: number;
}

function bodyOf(body: Buffer, contentType: string): unknown {
  if (!isUtf8(body)) return { base64: body.toString("base64") };
  const text = new TextDecoder().decode(body);
  try {
    return /json/i.test(contentType) ? parseJson(Buffer.from(text)) : text;
  } catch {
    return text;
  }
}

const eventOf = (row: Row): HubEvent => {
  const systemProperties: Record<string, string> = JSON.parse(String(row.system));
  return {
    sequenceNumber: Number(row.sequence),
    deviceId: String(row.device_id),
    enqueuedTimeUtc: new Date(Number(row.enqueued)).toISOString(),
    partitionId: String(row.partition_id),
    systemProperties,
    properties: JSON.parse(String(row.properties)),
    body: bodyOf(Buffer.from(row.body as Buffer), systemProperties["content-type"] ?? ""),
  };
};

const partitionEventOf = (row: Row): PartitionEvent => ({
  sequenceNumber: Number(row.partition_sequence),
  offset: Number(row.partition_offset),
  enqueued: new Date(Number(row.enqueued)),
  deviceId: String(row.device_id),
  systemProperties: JSON.parse(String(row.system)),
  properties: JSON.parse(String(row.properties)),
  body: Buffer.from(row.body as Buffer),
});

/** Columns by which a position finds its event. */
const POSITION_COLUMNS: Readonly<Record<EventPosition["by"], string>> = {
  sequenceNumber: "partition_sequence",
  offset: "partition_offset",
  enqueued: "enqueued",
};

/** The built-in events endpoint of all hubs. `hub` is the directory record's key. */
export class EventStore {
  readonly #readers = new Set<(hub: string, partitionId: number) => void>();
  #sinceSweep = SWEEP_EVERY;

  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.define(SCHEMA);
    deps.database.addColumns("hub_event", { partition_sequence: "INTEGER", partition_offset: "INTEGER" });
    deps.database.define(PARTITIONS);
  }

  /** Stores events; they are durable once the enclosing transaction ends. Readers learn of them afterwards. */
  append(
    { key: hub, events: { retentionMs } }: Pick<HubRecord, "key" | "events">,
    drafts: readonly EventDraft[],
  ): void {
    const { database, clock } = this.deps;
    const now = clock.now();
    const [enqueued, time] = [now.getTime(), now.toISOString()];
    const events = drafts.map(({ deviceId, partitionId, systemProperties, properties: given, body }) => {
      const system = JSON.stringify({ ...systemProperties, "iothub-enqueuedtime": time });
      const properties = JSON.stringify(given);
      const size = MIN_OFFSET + body.length + system.length + properties.length;
      return { deviceId, partitionId, system, properties, body, size };
    });
    const places = this.#takePlaces(hub, events);
    for (const { deviceId, partitionId, system, properties, body, size } of events) {
      const place = places.get(partitionId) ?? { sequence: 0, offset: 0 };
      const values = [hub, deviceId, enqueued, partitionId, system, properties, body, place.sequence, place.offset];
      database.run(INSERT_EVENT, ...values);
      place.sequence += 1;
      place.offset += size;
    }
    const partitions = new Set(drafts.map(({ partitionId }) => partitionId));
    // In a turn of its own, so that readers hold up no commit.
    database.afterCommit(() =>
      setImmediate(() => {
        for (const reader of this.#readers) for (const partition of partitions) reader(hub, partition);
      }),
    );
    this.#sinceSweep += drafts.length;
    if (this.#sinceSweep >= SWEEP_EVERY) {
      this.#sinceSweep = 0;
      database.run("DELETE FROM hub_event WHERE hub = ? AND enqueued < ?", hub, now.getTime() - retentionMs);
    }
  }

  /** Takes places for events; returns the first place of each partition. */
  #takePlaces(hub: string, events: readonly { readonly partitionId: number; readonly size: number }[]) {
    const wanted = new Map<number, { count: number; bytes: number }>();
    for (const { partitionId, size } of events) {
      const { count, bytes } = wanted.get(partitionId) ?? { count: 0, bytes: 0 };
      wanted.set(partitionId, { count: count + 1, bytes: bytes + size });
    }
    const places = [...wanted].map(([partitionId, { count, bytes }]) => {
      const next = this.deps.database.get(TAKE_PLACES, hub, partitionId, count, bytes);
      const [sequence, offset] = [Number(next?.sequence) - count, Number(next?.offset) - bytes];
      return [partitionId, { sequence, offset }] as const;
    });
    return new Map<number, { sequence: number; offset: number }>(places);
  }

  /** Calls back when a partition may have new events. */
  onAppended(reader: (hub: string, partitionId: number) => void): void {
    this.#readers.add(reader);
  }

  /** Returns the events of a partition after a sequence number, oldest first. */
  readPartition(hub: string, partitionId: number, after: number, top: number): PartitionEvent[] {
    const sql =
      "SELECT * FROM hub_event WHERE hub = ? AND partition_id = ? AND partition_sequence > ? ORDER BY partition_sequence LIMIT ?";
    return this.deps.database.all(sql, hub, partitionId, after, top).map(partitionEventOf);
  }

  /** Returns the sequence number after which a reader at a position starts; undefined for the end of the partition. */
  startOf(hub: string, partitionId: number, position: EventPosition | undefined): number {
    const { lastSequenceNumber } = this.partition(hub, partitionId);
    if (!position) return lastSequenceNumber;
    const sql = `SELECT min(partition_sequence) AS first FROM hub_event
      WHERE hub = ? AND partition_id = ? AND ${POSITION_COLUMNS[position.by]} ${position.isInclusive ? ">=" : ">"} ?`;
    const first = this.deps.database.get(sql, hub, partitionId, position.value)?.first ?? undefined;
    return first === undefined ? lastSequenceNumber : Number(first) - 1;
  }

  /** Returns what a partition holds. */
  partition(hub: string, partitionId: number): PartitionState {
    const { database } = this.deps;
    const row = (order: "ASC" | "DESC") =>
      database.get(
        `SELECT partition_sequence, partition_offset, enqueued FROM hub_event WHERE hub = ? AND partition_id = ?
          ORDER BY partition_sequence ${order} LIMIT 1`,
        hub,
        partitionId,
      );
    const [first, last] = [row("ASC"), row("DESC")];
    const next = Number(database.find("hub_partition", { hub, partition_id: partitionId })?.next_sequence ?? 0);
    return {
      firstSequenceNumber: first ? Number(first.partition_sequence) : next,
      lastSequenceNumber: next - 1,
      lastOffset: last ? Number(last.partition_offset) : -1,
      lastEnqueued: last && new Date(Number(last.enqueued)),
      isEmpty: first === undefined,
    };
  }

  /** How many events a hub has got since a time in milliseconds since 1970. */
  countSince(hub: string, time: number): number {
    const sql = "SELECT count(*) AS n FROM hub_event WHERE hub = ? AND enqueued >= ?";
    return Number(this.deps.database.get(sql, hub, time)?.n);
  }

  read(hub: string, { deviceId, afterSequence = 0, top = 100 }: EventQuery = {}): HubEvent[] {
    const [ofDevice, device] = deviceId === undefined ? ["", []] : ["AND device_id = ?", [deviceId]];
    const limit = Math.min(1000, Math.max(1, Math.trunc(top)));
    const sql = `SELECT * FROM hub_event WHERE hub = ? ${ofDevice} AND sequence > ? ORDER BY sequence LIMIT ?`;
    return this.deps.database.all(sql, hub, ...device, afterSequence, limit).map(eventOf);
  }
}
