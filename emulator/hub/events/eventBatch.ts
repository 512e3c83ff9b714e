import type { Row } from "../../kernel/database";
import type { EventDraft, PartitionEvent } from "./hubEvent";

/** Bytes after which a batch is full: a reader of one event reads its batch. */
const BATCH_BYTES = 64 * 1024;
/** Bytes before an event: those of its head, and those of its body. */
const LENGTHS = 8;

/**
 * Events of a partition that are stored together, in one row: an event costs the database little more than its bytes. Each has
 * two lengths of four bytes, its head, and its body; the head is the JSON array of device ID, system and application properties.
 */
export class EventBatch {
  readonly #parts: Buffer[] = [];
  count = 0;
  bytes = 0;
  /** Where the last event begins. */
  last = 0;

  constructor(readonly partitionId: number) {}

  get isFull(): boolean {
    return this.bytes >= BATCH_BYTES;
  }

  add({ deviceId, systemProperties, properties, body }: EventDraft): void {
    const head = Buffer.from(JSON.stringify([deviceId, systemProperties, properties]));
    const lengths = Buffer.allocUnsafe(LENGTHS);
    lengths.writeUInt32LE(head.length, 0);
    lengths.writeUInt32LE(body.length, 4);
    this.#parts.push(lengths, head, body);
    this.last = this.bytes;
    this.bytes += LENGTHS + head.length + body.length;
    this.count += 1;
  }

  encode(): Buffer {
    return Buffer.concat(this.#parts, this.bytes);
  }
}

/** Returns what the head of every event of a device contains. */
export const deviceMark = (deviceId: string): Buffer => Buffer.from(`[${JSON.stringify(deviceId)},`);

/** An event of a batch. */
export interface StoredEvent extends PartitionEvent {
  readonly partitionId: number;
  /** Its number among all events of the local Azure. */
  readonly id: number;
}

/** Returns the events of a row from a sequence number on, oldest first. */
export function* eventsOf(row: Row, from = 0): Generator<StoredEvent> {
  const events = Buffer.from(row.events as Buffer);
  const [first, firstOffset, count] = [Number(row.partition_sequence), Number(row.partition_offset), Number(row.count)];
  const enqueued = new Date(Number(row.enqueued));
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const head = at + LENGTHS;
    const body = head + events.readUInt32LE(at);
    const end = body + events.readUInt32LE(at + 4);
    if (first + index >= from) {
      const [deviceId, system, properties] = JSON.parse(events.toString("utf8", head, body));
      yield {
        id: Number(row.last_sequence) - count + 1 + index,
        partitionId: Number(row.partition_id),
        sequenceNumber: first + index,
        offset: firstOffset + at,
        enqueued,
        deviceId,
        systemProperties: { ...system, "iothub-enqueuedtime": enqueued.toISOString() },
        properties,
        body: events.subarray(body, end),
      };
    }
    at = end;
  }
}
