import type { Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_import_export (
  hub TEXT NOT NULL,
  job_id TEXT NOT NULL,
  type TEXT NOT NULL,
  excludes_keys INTEGER NOT NULL,
  status TEXT NOT NULL,
  progress INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  ended INTEGER,
  failure TEXT,
  PRIMARY KEY (hub, job_id)
);
`;

/** How long the hub keeps jobs that have ended, as the others (Azure documentation, "IoT Hub quotas and throttling"). */
const RETENTION_MS = 30 * 86_400_000;
const LIST_LIMIT = 1000;

/** An import or export of devices, without the addresses of its blobs, which have signatures. Times are milliseconds since 1970. */
export interface ImportExportJob {
  /** The key of the hub's directory record. */
  readonly hub: string;
  readonly jobId: string;
  readonly type: "export" | "import";
  /** `excludeKeysInExport`. */
  readonly excludesKeys: boolean;
  readonly status: "enqueued" | "running" | "completed" | "failed" | "cancelled";
  /** Per cent. */
  readonly progress: number;
  readonly created: number;
  readonly ended?: number;
  readonly failure?: string;
}

const jobOf = (row: Row): ImportExportJob => ({
  hub: String(row.hub),
  jobId: String(row.job_id),
  type: row.type as ImportExportJob["type"],
  excludesKeys: row.excludes_keys === 1,
  status: row.status as ImportExportJob["status"],
  progress: Number(row.progress),
  created: Number(row.created),
  ended: row.ended === null ? undefined : Number(row.ended),
  failure: row.failure === null ? undefined : String(row.failure),
});

/** The imports and exports of all hubs. Call the methods that change something inside a transaction. */
export class ImportExportStore {
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.define(SCHEMA);
  }

  find(hub: string, jobId: string): ImportExportJob | undefined {
    const row = this.deps.database.find("hub_import_export", { hub, job_id: jobId });
    return row && jobOf(row);
  }

  /** Returns a hub's jobs, newest first. */
  list(hub: string): ImportExportJob[] {
    const sql = "SELECT * FROM hub_import_export WHERE hub = ? ORDER BY created DESC, job_id LIMIT ?";
    return this.deps.database.all(sql, hub, LIST_LIMIT).map(jobOf);
  }

  /** Whether a job of a hub has not ended. */
  isBusy(hub: string): boolean {
    const sql = "SELECT 1 FROM hub_import_export WHERE hub = ? AND ended IS NULL LIMIT 1";
    return this.deps.database.get(sql, hub) !== undefined;
  }

  /** Adds a job, and removes those that ended long ago. */
  add({ hub, jobId, type, excludesKeys }: Pick<ImportExportJob, "hub" | "jobId" | "type" | "excludesKeys">): void {
    const { database } = this.deps;
    const created = this.#now();
    database.run("DELETE FROM hub_import_export WHERE hub = ? AND ended < ?", hub, created - RETENTION_MS);
    const row = { hub, job_id: jobId, type, excludes_keys: excludesKeys ? 1 : 0, status: "enqueued", created };
    database.put("hub_import_export", row);
  }

  /** Records how far a job is. */
  proceed({ hub, jobId }: Pick<ImportExportJob, "hub" | "jobId">, progress: number): void {
    const sql =
      "UPDATE hub_import_export SET status = 'running', progress = ? WHERE hub = ? AND job_id = ? AND ended IS NULL";
    this.deps.database.run(sql, Math.min(Math.floor(progress), 99), hub, jobId);
  }

  /** Ends a job that has not ended. */
  end(
    { hub, jobId }: Pick<ImportExportJob, "hub" | "jobId">,
    status: "completed" | "failed" | "cancelled",
    failure?: string,
  ): void {
    const sql = `UPDATE hub_import_export SET status = ?, failure = ?, ended = ?,
      progress = CASE ? WHEN 'completed' THEN 100 ELSE progress END WHERE hub = ? AND job_id = ? AND ended IS NULL`;
    this.deps.database.run(sql, status, failure ?? null, this.#now(), status, hub, jobId);
  }

  /** Ends the jobs that an earlier process left: the addresses of their blobs were not stored. */
  failLeft(failure: string): void {
    const sql = "UPDATE hub_import_export SET status = 'failed', failure = ?, ended = ? WHERE ended IS NULL";
    this.deps.database.run(sql, failure, this.#now());
  }

  #now(): number {
    return this.deps.clock.now().getTime();
  }
}
