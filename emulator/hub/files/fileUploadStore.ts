import type { Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_file_upload (
  hub TEXT NOT NULL,
  device_id TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  blob TEXT NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (hub, device_id, correlation_id)
);
`;

/** How long the hub remembers an upload that has expired, to tell its correlation ID from an unknown one: a guess. */
const RETENTION_MS = 86_400_000;

/** An upload that a device has begun. */
export interface FileUpload {
  /** The key of the hub's directory record. */
  readonly hub: string;
  readonly deviceId: string;
  readonly correlationId: string;
  /** The blob's name in the hub's container. */
  readonly blob: string;
  /** When its signature expires. */
  readonly expires: Date;
}

const uploadOf = (row: Row): FileUpload => ({
  hub: String(row.hub),
  deviceId: String(row.device_id),
  correlationId: String(row.correlation_id),
  blob: String(row.blob),
  expires: new Date(Number(row.expires)),
});

/** The uploads of files that devices have begun and not ended. Call the methods that change something inside a transaction. */
export class FileUploadStore {
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.define(SCHEMA);
  }

  find({ hub, deviceId, correlationId }: Pick<FileUpload, "hub" | "deviceId" | "correlationId">) {
    const key = { hub, device_id: deviceId, correlation_id: correlationId };
    const row = this.deps.database.find("hub_file_upload", key);
    return row && uploadOf(row);
  }

  /** How many uploads of a device have not expired. */
  countActive(hub: string, deviceId: string): number {
    const sql = "SELECT count(*) AS n FROM hub_file_upload WHERE hub = ? AND device_id = ? AND expires > ?";
    return Number(this.deps.database.get(sql, hub, deviceId, this.#now())?.n);
  }

  /** Adds an upload, and removes those of the device that expired long ago. */
  add({ hub, deviceId, correlationId, blob, expires }: FileUpload): void {
    const { database } = this.deps;
    const sql = "DELETE FROM hub_file_upload WHERE hub = ? AND device_id = ? AND expires < ?";
    database.run(sql, hub, deviceId, this.#now() - RETENTION_MS);
    const row = { hub, device_id: deviceId, correlation_id: correlationId, blob, expires: expires.getTime() };
    database.put("hub_file_upload", row);
  }

  remove({ hub, deviceId, correlationId }: FileUpload): void {
    this.deps.database.remove("hub_file_upload", { hub, device_id: deviceId, correlation_id: correlationId });
  }

  /** Removes the uploads of a device. Call it when the device is deleted. */
  removeDevice(hub: string, deviceId: string): void {
    this.deps.database.remove("hub_file_upload", { hub, device_id: deviceId });
  }

  #now(): number {
    return this.deps.clock.now().getTime();
  }
}
