import { isUtf8 } from "node:buffer";
import type { Row } from "../../kernel/database";
import type { HubRecord } from "../../kernel/directory";
import { parseJson } from "../../kernel/parseJson";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { deviceMark, EventBatch, eventsOf, type StoredEvent } from "./eventBatch";
import { defineEventTables } from "./eventTables";
import type { EventDraft, HubEvent, PartitionEvent } from "./hubEvent";

/** Takes the next places of a partition. Parameters: hub, partition, events, bytes. Returns where the next ones begin. */
const TAKE_PLACES = `INSERT INTO hub_partition (hub, partition_id, next_sequence, next_offset) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    next_sequence = next_sequence + excluded.next_sequence, next_offset = next_offset + excluded.next_offset
  RETURNING next_sequence AS sequence, next_offset AS offset`;

/** Adds a batch after all others. Parameters: its number of events, then the columns in their order. */
const INSERT_BATCH = `INSERT INTO hub_event_batch (last_sequence, hub, partition_id, enqueued, count, partition_sequence,
    partition_offset, last_offset, events)
  VALUES ((SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'hub_event_batch') + ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Where the batch with an event begins, or the next one. Parameters: hub, partition, number, number, hub, partition, number. */
const BATCH_START = `SELECT coalesce(
    (SELECT first FROM (SELECT partition_sequence AS first, count FROM hub_event_batch
        WHERE hub = ? AND partition_id = ? AND partition_sequence <= ? ORDER BY partition_sequence DESC LIMIT 1)
      WHERE first + count > ?),
    (SELECT min(partition_sequence) FROM hub_event_batch WHERE hub = ? AND partition_id = ? AND partition_sequence > ?)
  ) AS first`;

const BATCHES = `SELECT * FROM hub_event_batch
  WHERE hub = ? AND partition_id = ? AND partition_sequence >= ? AND partition_sequence < ? ORDER BY partition_sequence`;

/** Batches that a query of the control listener reads at a time. */
const PAGE = 50;

/** Number of new events between two sweeps of old ones. */
const SWEEP_EVERY = 64;

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
  /** -1 before the first event; retention does not change it. */
  readonly lastSequenceNumber: number;
  /** As above; where the last event is gone, the last one that it may have had. */
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

const hubEventOf = ({
  id,
  deviceId,
  enqueued,
  partitionId,
  systemProperties,
  properties,
  body,
}: StoredEvent): HubEvent => ({
  sequenceNumber: id,
  deviceId,
  enqueuedTimeUtc: enqueued.toISOString(),
  partitionId: String(partitionId),
  systemProperties,
  properties,
  body: bodyOf(body, systemProperties["content-type"] ?? ""),
});

/** The built-in events endpoint of all hubs. `hub` is the directory record's key. */
export class EventStore {
  readonly #readers = new Set<(hub: string, partitionId: number) => void>();
  #sinceSweep = SWEEP_EVERY;

  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    defineEventTables(deps.database);
  }

  /** Stores events; they are durable once the enclosing transaction ends. Readers learn of them afterwards. */
  append(record: Pick<HubRecord, "key" | "events">, drafts: readonly EventDraft[]): void {
    const { database, clock } = this.deps;
    const { key: hub } = record;
    const enqueued = clock.now().getTime();
    for (const batch of batchesOf(drafts)) this.#insert(hub, batch, enqueued);
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
      this.removeExpired(record);
    }
  }

  /** Removes the events of a hub that are past its retention: now and then as new ones come, and before they are read. */
  removeExpired({ key, events: { retentionMs } }: Pick<HubRecord, "key" | "events">): void {
    const { database, clock } = this.deps;
    const before = clock.now().getTime() - retentionMs;
    database.run("DELETE FROM hub_event_batch WHERE hub = ? AND enqueued < ?", key, before);
  }

  #insert(hub: string, batch: EventBatch, enqueued: number): void {
    const { database } = this.deps;
    const { partitionId, count, bytes, last } = batch;
    const next = database.get(TAKE_PLACES, hub, partitionId, count, bytes);
    const [sequence, offset] = [Number(next?.sequence) - count, Number(next?.offset) - bytes];
    const place = [hub, partitionId, enqueued, count, sequence, offset, offset + last];
    database.run(INSERT_BATCH, count, ...place, batch.encode());
  }

  /** Calls back when a partition may have new events. */
  onAppended(reader: (hub: string, partitionId: number) => void): void {
    this.#readers.add(reader);
  }

  /** Returns the events of a partition after a sequence number, oldest first. */
  readPartition(hub: string, partitionId: number, after: number, top: number): PartitionEvent[] {
    const { database } = this.deps;
    const from = after + 1;
    const start = database.get(BATCH_START, hub, partitionId, from, from, hub, partitionId, from)?.first ?? undefined;
    if (start === undefined) return [];
    const first = Number(start);
    const rows = database.all(BATCHES, hub, partitionId, first, Math.max(first, from) + top);
    const events: PartitionEvent[] = [];
    for (const event of eventsOfAll(rows, from)) if (events.push(event) === top) break;
    return events;
  }

  /** Returns the sequence number after which a reader at a position starts; undefined for the end of the partition. */
  startOf(hub: string, partitionId: number, position: EventPosition | undefined): number {
    const { firstSequenceNumber, lastSequenceNumber } = this.partition(hub, partitionId);
    const first = position && this.#firstAt(hub, partitionId, position);
    if (first === undefined || first > lastSequenceNumber) return lastSequenceNumber;
    return Math.max(first, firstSequenceNumber) - 1;
  }

  /** Returns the sequence number of the first event at a position, or one before it that is there no more. */
  #firstAt(hub: string, partitionId: number, { by, value, isInclusive }: EventPosition): number | undefined {
    const { database } = this.deps;
    if (by === "sequenceNumber") return isInclusive ? Math.ceil(value) : Math.floor(value) + 1;
    const comparison = isInclusive ? ">=" : ">";
    // The events of a batch have one time. By their offset, the first one may be inside the batch.
    const column = by === "enqueued" ? "enqueued" : "last_offset";
    const sql = `SELECT * FROM hub_event_batch WHERE hub = ? AND partition_id = ? AND ${column} ${comparison} ?
      ORDER BY partition_sequence LIMIT 1`;
    const row = database.get(sql, hub, partitionId, value);
    if (!row) return undefined;
    if (by === "enqueued") return Number(row.partition_sequence);
    const events = [...eventsOf(row)];
    return events.find(({ offset }) => offset > value || (isInclusive && offset === value))?.sequenceNumber;
  }

  /** Returns what a partition holds. */
  partition(hub: string, partitionId: number): PartitionState {
    const { database } = this.deps;
    const row = (order: "ASC" | "DESC") =>
      database.get(
        `SELECT partition_sequence, last_offset, enqueued FROM hub_event_batch WHERE hub = ? AND partition_id = ?
          ORDER BY partition_sequence ${order} LIMIT 1`,
        hub,
        partitionId,
      );
    const [first, last] = [row("ASC"), row("DESC")];
    const places = database.find("hub_partition", { hub, partition_id: partitionId });
    const next = Number(places?.next_sequence ?? 0);
    return {
      firstSequenceNumber: first ? Number(first.partition_sequence) : next,
      lastSequenceNumber: next - 1,
      lastOffset: last ? Number(last.last_offset) : Number(places?.next_offset ?? 0) - 1,
      lastEnqueued: last && new Date(Number(last.enqueued)),
      isEmpty: first === undefined,
    };
  }

  /** How many events a hub has got since a time in milliseconds since 1970. */
  countSince(hub: string, time: number): number {
    const sql = "SELECT sum(count) AS n FROM hub_event_batch WHERE hub = ? AND enqueued >= ?";
    return Number(this.deps.database.get(sql, hub, time)?.n ?? 0);
  }

  read(hub: string, { deviceId, afterSequence = 0, top = 100 }: EventQuery = {}): HubEvent[] {
    const limit = Math.min(1000, Math.max(1, Math.trunc(top)));
    // Most batches have no event of the device: those are not read into memory.
    const [ofDevice, mark] = deviceId === undefined ? ["", []] : ["AND instr(events, ?) > 0", [deviceMark(deviceId)]];
    const sql = `SELECT * FROM hub_event_batch WHERE hub = ? AND last_sequence > ? ${ofDevice} ORDER BY last_sequence LIMIT ?`;
    const found: HubEvent[] = [];
    let after = afterSequence;
    for (;;) {
      const rows = this.deps.database.all(sql, hub, after, ...mark, PAGE);
      for (const event of eventsOfAll(rows)) {
        if (event.id <= afterSequence || (deviceId !== undefined && event.deviceId !== deviceId)) continue;
        if (found.push(hubEventOf(event)) === limit) return found;
      }
      if (rows.length < PAGE) return found;
      after = Number(rows.at(-1)?.last_sequence);
    }
  }
}

/** Returns batches of the drafts, of one partition each, in their order. */
function batchesOf(drafts: readonly EventDraft[]): EventBatch[] {
  const batches: EventBatch[] = [];
  const open = new Map<number, EventBatch>();
  for (const draft of drafts) {
    let batch = open.get(draft.partitionId);
    if (!batch || batch.isFull) {
      batch = new EventBatch(draft.partitionId);
      open.set(draft.partitionId, batch);
      batches.push(batch);
    }
    batch.add(draft);
  }
  return batches;
}

function* eventsOfAll(rows: readonly Row[], from?: number): Generator<StoredEvent> {
  for (const row of rows) yield* eventsOf(row, from);
}
