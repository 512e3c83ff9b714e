import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import type { Clock } from "../../kernel/clock";
import type { Database, Row } from "../../kernel/database";
import type { Ids } from "../../kernel/ids";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_device (
  hub TEXT NOT NULL,
  device_id TEXT NOT NULL,
  generation_id TEXT NOT NULL,
  etag TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  status_reason TEXT,
  status_updated TEXT NOT NULL,
  last_activity TEXT,
  authentication TEXT NOT NULL,
  iot_edge INTEGER NOT NULL,
  tags TEXT NOT NULL,
  desired TEXT NOT NULL,
  PRIMARY KEY (hub, device_id)
);
CREATE INDEX IF NOT EXISTS hub_device_disabled ON hub_device (hub) WHERE enabled = 0;
`;

/** A device identity, with the part of its twin that provisioning sets. */
export interface Identity {
  /** Case-sensitive. */
  readonly deviceId: string;
  readonly generationId: string;
  /** Base64 text, no quotation marks. */
  readonly etag: string;
  readonly enabled: boolean;
  readonly statusReason?: string;
  /** ISO 8601. */
  readonly statusUpdated: string;
  readonly lastActivity?: string;
  readonly authentication: DeviceAuthentication;
  readonly iotEdge: boolean;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly desired: Readonly<Record<string, unknown>>;
}

/** The properties of a new or changed identity. */
export interface IdentityDraft {
  readonly deviceId: string;
  readonly enabled: boolean;
  readonly statusReason?: string;
  readonly authentication: DeviceAuthentication;
  readonly iotEdge: boolean;
  /** Used at creation only. */
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly desired?: Readonly<Record<string, unknown>>;
}

const identityOf = (row: Row): Identity => ({
  deviceId: String(row.device_id),
  generationId: String(row.generation_id),
  etag: String(row.etag),
  enabled: row.enabled === 1,
  ...(row.status_reason === null ? {} : { statusReason: String(row.status_reason) }),
  statusUpdated: String(row.status_updated),
  ...(row.last_activity === null ? {} : { lastActivity: String(row.last_activity) }),
  authentication: JSON.parse(String(row.authentication)),
  iotEdge: row.iot_edge === 1,
  tags: JSON.parse(String(row.tags)),
  desired: JSON.parse(String(row.desired)),
});

/** The identity registries of all hubs. `hub` is the directory record's key everywhere. */
export class IdentityStore {
  readonly #store: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor({ database, clock, ids }: { readonly database: Database; readonly clock: Clock; readonly ids: Ids }) {
    this.#store = database;
    this.#clock = clock;
    this.#ids = ids;
    database.define(SCHEMA);
  }

  find(hub: string, deviceId: string): Identity | undefined {
    const row = this.#store.get("SELECT * FROM hub_device WHERE hub = ? AND device_id = ?", hub, deviceId);
    return row && identityOf(row);
  }

  /** Returns identities in the order of their IDs, after the ID `after`. */
  list(hub: string, top: number, after = ""): Identity[] {
    const sql = "SELECT * FROM hub_device WHERE hub = ? AND device_id > ? ORDER BY device_id LIMIT ?";
    return this.#store.all(sql, hub, after, top).map(identityOf);
  }

  count(hub: string): { readonly total: number; readonly disabled: number } {
    const total = this.#store.get("SELECT count(*) AS n FROM hub_device WHERE hub = ?", hub);
    const disabled = this.#store.get("SELECT count(*) AS n FROM hub_device WHERE hub = ? AND enabled = 0", hub);
    return { total: Number(total?.n), disabled: Number(disabled?.n) };
  }

  /** Creates or updates an identity; an update keeps generation and twin. */
  save(hub: string, draft: IdentityDraft): Identity {
    const known = this.find(hub, draft.deviceId);
    const now = this.#clock.now().toISOString();
    this.#store.run(
      `INSERT INTO hub_device (hub, device_id, generation_id, etag, enabled, status_reason, status_updated,
         last_activity, authentication, iot_edge, tags, desired) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (hub, device_id) DO UPDATE SET etag = excluded.etag, enabled = excluded.enabled,
         status_reason = excluded.status_reason, status_updated = excluded.status_updated,
         authentication = excluded.authentication, iot_edge = excluded.iot_edge`,
      hub,
      draft.deviceId,
      BigInt(`0x${this.#ids.hex(7)}`)
        .toString()
        .padStart(18, "6"),
      Buffer.from(this.#ids.hex(6)).toString("base64"),
      draft.enabled ? 1 : 0,
      draft.statusReason ?? null,
      known && known.enabled === draft.enabled ? known.statusUpdated : now,
      known?.lastActivity ?? null,
      JSON.stringify(draft.authentication),
      draft.iotEdge ? 1 : 0,
      JSON.stringify(draft.tags ?? {}),
      JSON.stringify(draft.desired ?? {}),
    );
    const saved = this.find(hub, draft.deviceId);
    if (!saved) throw new Error(`the identity ${draft.deviceId} was not saved`);
    return saved;
  }

  /** Notes that the device was heard now. */
  heard(hub: string, deviceId: string): void {
    const now = this.#clock.now().toISOString();
    this.#store.run("UPDATE hub_device SET last_activity = ? WHERE hub = ? AND device_id = ?", now, hub, deviceId);
  }

  remove(hub: string, deviceId: string): boolean {
    return this.#store.run("DELETE FROM hub_device WHERE hub = ? AND device_id = ?", hub, deviceId) > 0;
  }

  /** Removes all rows of a deleted hub. */
  removeAll(hub: string): void {
    this.#store.run("DELETE FROM hub_device WHERE hub = ?", hub);
  }
}
