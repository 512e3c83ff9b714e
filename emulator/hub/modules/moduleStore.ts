import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import { columnList, type Row } from "../../kernel/database";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { newGenerationId, newIdentityEtag } from "../devices/identityStamp";
import { TWIN_COLUMNS } from "../twins/twinColumns";

const TABLE = "hub_module";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  hub TEXT NOT NULL,
  device_id TEXT NOT NULL,
  module_id TEXT NOT NULL,
  generation_id TEXT NOT NULL,
  etag TEXT NOT NULL,
  managed_by TEXT,
  last_activity TEXT,
  is_connected INTEGER NOT NULL DEFAULT 0,
  connection_updated TEXT,
  message_count INTEGER NOT NULL DEFAULT 0,
  authentication TEXT NOT NULL,
  tags TEXT NOT NULL,
  desired TEXT NOT NULL,
  twin_updated TEXT,
  ${columnList(TWIN_COLUMNS)},
  PRIMARY KEY (hub, device_id, module_id),
  FOREIGN KEY (hub, device_id) REFERENCES hub_device (hub, device_id) ON DELETE CASCADE
);
`;

/** The modules that the hub creates with every Edge device (Azure documentation, "IoT Edge runtime"). */
export const SYSTEM_MODULES: readonly string[] = ["$edgeAgent", "$edgeHub"];
/** `managedBy` of the modules of a deployment. */
export const EDGE_MANAGER = "IotEdge";
/** `managedBy` of the system modules, which the hub makes (measured on Azure: mwalser/terraform-provider-iothub). */
const SYSTEM_MANAGER = "iotEdge";

/** A module identity of a device. */
export interface Module {
  readonly deviceId: string;
  /** Case-sensitive. */
  readonly moduleId: string;
  readonly generationId: string;
  /** Base64 text, no quotation marks. */
  readonly etag: string;
  readonly managedBy?: string;
  /** ISO 8601. */
  readonly lastActivity?: string;
  readonly isConnected: boolean;
  /** When it last connected or disconnected, ISO 8601. */
  readonly connectionUpdated?: string;
  /** Cloud-to-device messages that wait. */
  readonly messageCount: number;
  readonly authentication: DeviceAuthentication;
}

/** The properties of a new or changed module. */
export type ModuleDraft = Pick<Module, "deviceId" | "moduleId" | "managedBy" | "authentication">;

const moduleOf = (row: Row): Module => ({
  deviceId: String(row.device_id),
  moduleId: String(row.module_id),
  generationId: String(row.generation_id),
  etag: String(row.etag),
  managedBy: row.managed_by === null ? undefined : String(row.managed_by),
  lastActivity: row.last_activity === null ? undefined : String(row.last_activity),
  isConnected: row.is_connected === 1,
  connectionUpdated: row.connection_updated === null ? undefined : String(row.connection_updated),
  messageCount: Number(row.message_count),
  authentication: JSON.parse(String(row.authentication)),
});

type ModuleListener = (hub: string, key: Required<DeviceKey>) => void;

/** The module identities of all hubs; removing a device removes its modules. `hub` is the directory record's key. */
export class ModuleStore {
  readonly #savedListeners: ((hub: string, deviceId: string) => void)[] = [];
  readonly #createdListeners: ModuleListener[] = [];
  readonly #removingListeners: ModuleListener[] = [];

  /** Requires the table of `IdentityStore`. */
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">) {
    deps.database.define(SCHEMA);
    deps.database.addColumns(TABLE, TWIN_COLUMNS);
    // The connections of an earlier process ended with it.
    deps.database.run("UPDATE hub_module SET is_connected = 0 WHERE is_connected = 1");
  }

  find(hub: string, deviceId: string, moduleId: string): Module | undefined {
    const row = this.deps.database.find(TABLE, { hub, device_id: deviceId, module_id: moduleId });
    return row && moduleOf(row);
  }

  /** Returns the modules of a device in the order of their IDs. */
  list(hub: string, deviceId: string): Module[] {
    const sql = "SELECT * FROM hub_module WHERE hub = ? AND device_id = ? ORDER BY module_id";
    return this.deps.database.all(sql, hub, deviceId).map(moduleOf);
  }

  /** Returns so many modules of a hub, or of one device, in their order, behind a position. */
  page(hub: string, [deviceId, moduleId]: readonly [string, string], limit: number, only?: string): Module[] {
    const ofDevice = only === undefined ? "" : "AND device_id = ?";
    const sql = `SELECT * FROM hub_module WHERE hub = ? AND (device_id, module_id) > (?, ?) ${ofDevice} ORDER BY device_id, module_id LIMIT ?`;
    const values = only === undefined ? [hub, deviceId, moduleId] : [hub, deviceId, moduleId, only];
    return this.deps.database.all(sql, ...values, limit).map(moduleOf);
  }

  /** Creates or updates a module; an update keeps generation and twin. */
  save(hub: string, draft: ModuleDraft): Module {
    const { database, clock, ids } = this.deps;
    const { deviceId, moduleId } = draft;
    const changed = {
      etag: newIdentityEtag(ids),
      managed_by: draft.managedBy,
      authentication: JSON.stringify(draft.authentication),
    };
    const created = {
      generation_id: newGenerationId(ids),
      twin_updated: clock.now().toISOString(),
      tags: "{}",
      desired: "{}",
    };
    const key = { hub, device_id: deviceId, module_id: moduleId };
    const isNew = !this.find(hub, deviceId, moduleId);
    database.put(TABLE, { ...key, ...created, ...changed }, Object.keys(changed));
    const saved = this.find(hub, deviceId, moduleId);
    if (!saved) throw new Error(`the module ${deviceId}/${moduleId} was not saved`);
    if (isNew) for (const listener of this.#createdListeners) listener(hub, { deviceId, moduleId });
    for (const listener of this.#savedListeners) listener(hub, deviceId);
    return saved;
  }

  /** Calls the listener when a module of a device is created or changed, inside the transaction. */
  onSaved(listener: (hub: string, deviceId: string) => void): void {
    this.#savedListeners.push(listener);
  }

  /** Calls the listener for each new module, inside the transaction. */
  onCreated(listener: ModuleListener): void {
    this.#createdListeners.push(listener);
  }

  /** Calls the listener before a module is deleted without its device, inside the transaction. */
  onRemoving(listener: ModuleListener): void {
    this.#removingListeners.push(listener);
  }

  /** Creates the system modules that an Edge device lacks. */
  saveSystemModules(hub: string, deviceId: string): void {
    const { ids } = this.deps;
    for (const moduleId of SYSTEM_MODULES) {
      if (this.find(hub, deviceId, moduleId)) continue;
      const symmetricKey = { primaryKey: ids.key(), secondaryKey: ids.key() };
      this.save(hub, { deviceId, moduleId, managedBy: SYSTEM_MANAGER, authentication: { type: "sas", symmetricKey } });
    }
  }

  remove(hub: string, deviceId: string, moduleId: string): boolean {
    if (this.find(hub, deviceId, moduleId)) {
      for (const listener of this.#removingListeners) listener(hub, { deviceId, moduleId });
    }
    return this.deps.database.remove(TABLE, { hub, device_id: deviceId, module_id: moduleId }) > 0;
  }
}
