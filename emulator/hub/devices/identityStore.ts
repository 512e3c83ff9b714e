import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import { columnList, type Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import type { ClientKey } from "../connections/clientKey";
import { ModuleStore } from "../modules/moduleStore";
import { TWIN_COLUMNS } from "../twins/twinColumns";
import { clientRow } from "./clientRow";
import { newGenerationId, newIdentityEtag } from "./identityStamp";

const TABLE = "hub_device";
/** Columns that earlier versions do not have. */
const NEWER_COLUMNS = {
  device_scope: "TEXT",
  parent_scopes: "TEXT",
  twin_updated: "TEXT",
  is_connected: "INTEGER NOT NULL DEFAULT 0",
  connection_updated: "TEXT",
  message_count: "INTEGER NOT NULL DEFAULT 0",
  ...TWIN_COLUMNS,
};
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
  ${columnList(NEWER_COLUMNS)},
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
  readonly isConnected: boolean;
  /** ISO 8601. */
  readonly connectionUpdated?: string;
  /** Cloud-to-device messages that wait, those under a lock included. */
  readonly messageCount: number;
  readonly authentication: DeviceAuthentication;
  readonly iotEdge: boolean;
  /** `ms-azure-iot-edge://…`: of an Edge device its own, of another device its parent's. */
  readonly deviceScope?: string;
  readonly parentScopes: readonly string[];
  readonly tags: Readonly<Record<string, unknown>>;
  readonly desired: Readonly<Record<string, unknown>>;
}

/**
 * The properties of a new or changed identity; tags and desired properties are used at creation only. Scopes that are
 * absent stay as they are.
 */
export type IdentityDraft = Pick<Identity, "deviceId" | "enabled" | "statusReason" | "authentication" | "iotEdge"> &
  Partial<Pick<Identity, "tags" | "desired" | "deviceScope" | "parentScopes">>;

function scopesOf(row: Row): Pick<Identity, "deviceScope" | "parentScopes"> {
  const parent = row.device_scope ? String(row.device_scope) : undefined;
  if (row.iot_edge !== 1) return { deviceScope: parent, parentScopes: parent === undefined ? [] : [parent] };
  const deviceScope = `ms-azure-iot-edge://${row.device_id}-${row.generation_id}`;
  return { deviceScope, parentScopes: row.parent_scopes ? JSON.parse(String(row.parent_scopes)) : [] };
}

const identityOf = (row: Row): Identity => ({
  ...scopesOf(row),
  deviceId: String(row.device_id),
  generationId: String(row.generation_id),
  etag: String(row.etag),
  enabled: row.enabled === 1,
  statusReason: row.status_reason === null ? undefined : String(row.status_reason),
  statusUpdated: String(row.status_updated),
  lastActivity: row.last_activity === null ? undefined : String(row.last_activity),
  isConnected: row.is_connected === 1,
  connectionUpdated: row.connection_updated === null ? undefined : String(row.connection_updated),
  messageCount: Number(row.message_count),
  authentication: JSON.parse(String(row.authentication)),
  iotEdge: row.iot_edge === 1,
  tags: JSON.parse(String(row.tags)),
  desired: JSON.parse(String(row.desired)),
});

/** `moduleIds`: the modules that were deleted with the device. */
type RevokedListener = (
  hub: string,
  deviceId: string,
  reason: "deleted" | "disabled",
  moduleIds: readonly string[],
) => void;

/** The identity registries of all hubs. `hub` is the directory record's key everywhere. */
export class IdentityStore {
  readonly #revokedListeners: RevokedListener[] = [];
  readonly #savedListeners: ((hub: string, deviceId: string) => void)[] = [];
  readonly #createdListeners: ((hub: string, deviceId: string) => void)[] = [];
  readonly #removingListeners: ((hub: string, deviceId: string) => void)[] = [];
  readonly modules: ModuleStore;

  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">) {
    deps.database.define(SCHEMA);
    deps.database.addColumns(TABLE, NEWER_COLUMNS);
    // The connections of an earlier process ended with it.
    deps.database.define("CREATE INDEX IF NOT EXISTS hub_device_connected ON hub_device (hub) WHERE is_connected = 1");
    deps.database.run("UPDATE hub_device SET is_connected = 0 WHERE is_connected = 1");
    this.modules = new ModuleStore(deps);
  }

  find(hub: string, deviceId: string): Identity | undefined {
    const row = this.deps.database.find(TABLE, { hub, device_id: deviceId });
    return row && identityOf(row);
  }

  /** Returns identities in the order of their IDs, after the ID `after`. */
  list(hub: string, top: number, after = ""): Identity[] {
    const sql = "SELECT * FROM hub_device WHERE hub = ? AND device_id > ? ORDER BY device_id LIMIT ?";
    return this.deps.database.all(sql, hub, after, top).map(identityOf);
  }

  count(hub: string): { readonly total: number; readonly disabled: number } {
    const count = (sql: string): number => Number(this.deps.database.get(sql, hub)?.n);
    const total = count("SELECT count(*) AS n FROM hub_device WHERE hub = ?");
    return { total, disabled: count("SELECT count(*) AS n FROM hub_device WHERE hub = ? AND enabled = 0") };
  }

  /** Creates or updates an identity, with the system modules of an Edge device; an update keeps generation and twin. */
  save(hub: string, draft: IdentityDraft): Identity {
    const { database, clock, ids } = this.deps;
    const known = this.find(hub, draft.deviceId);
    const changed = {
      etag: newIdentityEtag(ids),
      enabled: draft.enabled ? 1 : 0,
      status_reason: draft.statusReason,
      status_updated: known && known.enabled === draft.enabled ? known.statusUpdated : clock.now().toISOString(),
      authentication: JSON.stringify(draft.authentication),
      iot_edge: draft.iotEdge ? 1 : 0,
      ...(draft.deviceScope !== undefined && { device_scope: draft.deviceScope }),
      ...(draft.parentScopes && { parent_scopes: JSON.stringify(draft.parentScopes) }),
    };
    const created = {
      generation_id: newGenerationId(ids),
      twin_updated: clock.now().toISOString(),
      tags: JSON.stringify(draft.tags ?? {}),
      desired: JSON.stringify(draft.desired ?? {}),
    };
    database.put(TABLE, { hub, device_id: draft.deviceId, ...created, ...changed }, Object.keys(changed));
    const saved = this.find(hub, draft.deviceId);
    if (!saved) throw new Error(`the identity ${draft.deviceId} was not saved`);
    if (!draft.enabled) for (const listener of this.#revokedListeners) listener(hub, draft.deviceId, "disabled", []);
    if (!known) for (const listener of this.#createdListeners) listener(hub, draft.deviceId);
    if (saved.iotEdge) this.modules.saveSystemModules(hub, draft.deviceId);
    for (const listener of this.#savedListeners) listener(hub, draft.deviceId);
    return saved;
  }

  /** Notes whether a device or a module is connected now. */
  setConnected(client: ClientKey, isConnected: boolean): void {
    const now = this.deps.clock.now().toISOString();
    const columns = { is_connected: isConnected ? 1 : 0, connection_updated: now, last_activity: now };
    this.deps.database.change(...clientRow(client.hub, client), columns);
  }

  /** Notes how many cloud-to-device messages wait for a device or a module. */
  setMessageCount(client: ClientKey, count: number): void {
    this.deps.database.change(...clientRow(client.hub, client), { message_count: count });
  }

  /** Calls the listener when a device, or a module of it, is created or changed, inside the transaction. */
  onSaved(listener: (hub: string, deviceId: string) => void): void {
    this.#savedListeners.push(listener);
    this.modules.onSaved(listener);
  }

  /** Calls the listener for each new device, inside the transaction. */
  onCreated(listener: (hub: string, deviceId: string) => void): void {
    this.#createdListeners.push(listener);
  }

  /** Calls the listener before a device is deleted, inside the transaction. */
  onRemoving(listener: (hub: string, deviceId: string) => void): void {
    this.#removingListeners.push(listener);
  }

  /** Calls the listener when a device is deleted or disabled, inside the transaction. */
  onRevoked(listener: RevokedListener): void {
    this.#revokedListeners.push(listener);
  }

  /** Notes that a device, or a module of it, was active now. */
  heard(hub: string, deviceId: string, moduleId?: string): void {
    const { database, clock } = this.deps;
    database.change(...clientRow(hub, { deviceId, moduleId }), { last_activity: clock.now().toISOString() });
  }

  remove(hub: string, deviceId: string): boolean {
    if (this.find(hub, deviceId)) for (const listener of this.#removingListeners) listener(hub, deviceId);
    const modules = this.modules.list(hub, deviceId).map(({ moduleId }) => moduleId);
    const isRemoved = this.deps.database.remove(TABLE, { hub, device_id: deviceId }) > 0;
    if (isRemoved) for (const listener of this.#revokedListeners) listener(hub, deviceId, "deleted", modules);
    return isRemoved;
  }
}
