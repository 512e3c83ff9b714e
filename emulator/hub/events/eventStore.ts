import { isUtf8 } from "node:buffer";
import { DAY_MS } from "../../../certs/clock";
import type { Row } from "../../kernel/database";
import { parseJson } from "../../kernel/parseJson";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

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

/** Retention of events: the built-in endpoint's default of one day. */
const RETENTION_MS = DAY_MS;
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

/** The built-in events endpoint of all hubs. `hub` is the directory record's key. */
export class EventStore {
  #sinceSweep = SWEEP_EVERY;

  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.define(SCHEMA);
  }

  /** Stores events; they are durable once the enclosing transaction ends. */
  append(hub: string, drafts: readonly EventDraft[]): void {
    const { database, clock } = this.deps;
    const now = clock.now();
    for (const draft of drafts) {
      database.put("hub_event", {
        hub,
        device_id: draft.deviceId,
        enqueued: now.getTime(),
        partition_id: draft.partitionId,
        system: JSON.stringify({ ...draft.systemProperties, "iothub-enqueuedtime": now.toISOString() }),
        properties: JSON.stringify(draft.properties),
        body: draft.body,
      });
    }
    this.#sinceSweep += drafts.length;
    if (this.#sinceSweep >= SWEEP_EVERY) {
      this.#sinceSweep = 0;
      database.run("DELETE FROM hub_event WHERE hub = ? AND enqueued < ?", hub, now.getTime() - RETENTION_MS);
    }
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
