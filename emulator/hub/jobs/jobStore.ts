import type { Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_job (
  hub TEXT NOT NULL,
  job_id TEXT NOT NULL,
  type TEXT NOT NULL,
  request TEXT NOT NULL,
  status TEXT NOT NULL,
  created INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  ended INTEGER,
  status_message TEXT,
  PRIMARY KEY (hub, job_id)
);
CREATE INDEX IF NOT EXISTS hub_job_open ON hub_job (starts) WHERE ended IS NULL;
CREATE TABLE IF NOT EXISTS hub_job_device (
  hub TEXT NOT NULL,
  device_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  status TEXT NOT NULL,
  started INTEGER,
  ended INTEGER,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  outcome TEXT,
  error TEXT,
  PRIMARY KEY (hub, device_id, job_id),
  FOREIGN KEY (hub, job_id) REFERENCES hub_job (hub, job_id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS hub_job_device_status ON hub_job_device (hub, job_id, status, device_id);
`;

/** How long the hub keeps jobs that have ended: 30 days (Azure documentation, "IoT Hub quotas and throttling"). */
const RETENTION_MS = 30 * 86_400_000;

export type JobType = "scheduleUpdateTwin" | "scheduleDeviceMethod";
/** `queued`: not begun; with a start in the future it is `scheduled` on the wire. */
export type JobStatus = "queued" | "running" | "completed" | "failed" | "cancelled";
export type DeviceJobStatus = "pending" | "running" | "completed" | "failed" | "cancelled";

/** The parts of a job's request that are valid by its schema. */
export interface JobRequest {
  readonly queryCondition: string;
  readonly maxExecutionTimeInSeconds: number;
  readonly updateTwin?: Readonly<Record<string, unknown>>;
  readonly cloudToDeviceMethod?: {
    readonly methodName: string;
    readonly payload?: unknown;
    readonly responseTimeoutInSeconds?: number | string | null;
    readonly connectTimeoutInSeconds?: number | string | null;
  };
}

/** A job on many devices. Times are milliseconds since 1970. */
export interface Job {
  readonly hub: string;
  readonly jobId: string;
  readonly type: JobType;
  readonly request: JobRequest;
  readonly status: JobStatus;
  readonly created: number;
  readonly starts: number;
  readonly ended?: number;
  readonly statusMessage?: string;
}

/** What a job does on one device. */
export interface DeviceJob extends Pick<Job, "jobId" | "type"> {
  readonly deviceId: string;
  readonly status: DeviceJobStatus;
  readonly started?: number;
  readonly ended?: number;
  readonly created: number;
  readonly updated: number;
  readonly outcome?: unknown;
  readonly error?: { readonly code: string; readonly description: string };
}

const optional = (value: unknown): number | undefined => (value === null ? undefined : Number(value));
const parsed = (value: unknown) => (value === null ? undefined : JSON.parse(String(value)));

const jobOf = (row: Row): Job => ({
  hub: String(row.hub),
  jobId: String(row.job_id),
  type: row.type as JobType,
  request: JSON.parse(String(row.request)),
  status: row.status as JobStatus,
  created: Number(row.created),
  starts: Number(row.starts),
  ended: optional(row.ended),
  statusMessage: row.status_message === null ? undefined : String(row.status_message),
});

const deviceJobOf = (row: Row): DeviceJob => ({
  jobId: String(row.job_id),
  type: row.type as JobType,
  deviceId: String(row.device_id),
  status: row.status as DeviceJobStatus,
  started: optional(row.started),
  ended: optional(row.ended),
  created: Number(row.created),
  updated: Number(row.updated),
  outcome: parsed(row.outcome),
  error: parsed(row.error),
});

const DEVICE_JOBS = "SELECT d.*, j.type FROM hub_job_device d JOIN hub_job j USING (hub, job_id)";

/** The jobs of all hubs. `hub` is the directory record's key. Call the methods that change something inside a transaction. */
export class JobStore {
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.define(SCHEMA);
  }

  find(hub: string, jobId: string): Job | undefined {
    const row = this.deps.database.find("hub_job", { hub, job_id: jobId });
    return row && jobOf(row);
  }

  /** Returns jobs in the order of their IDs, behind an ID. */
  list(hub: string, limit: number, after = ""): Job[] {
    const sql = "SELECT * FROM hub_job WHERE hub = ? AND job_id > ? ORDER BY job_id LIMIT ?";
    return this.deps.database.all(sql, hub, after, limit).map(jobOf);
  }

  /** How many jobs of a hub have not ended: one of the future counts, too (measured on Azure: mwalser/terraform-provider-iothub). */
  countActive(hub: string): number {
    const sql = "SELECT count(*) AS n FROM hub_job WHERE hub = ? AND ended IS NULL";
    return Number(this.deps.database.get(sql, hub)?.n);
  }

  /** Returns the jobs of all hubs that have not ended and are due. */
  due(): Job[] {
    const sql = "SELECT * FROM hub_job WHERE ended IS NULL AND starts <= ? ORDER BY starts";
    return this.deps.database.all(sql, this.#now()).map(jobOf);
  }

  /** Returns when the next job is due that is not yet; undefined if there is none. */
  nextStart(): number | undefined {
    const sql = "SELECT min(starts) AS next FROM hub_job WHERE ended IS NULL AND starts > ?";
    return optional(this.deps.database.get(sql, this.#now())?.next ?? null);
  }

  /** Adds a job, and removes those that ended long ago. */
  add({ hub, jobId, type, request, starts }: Pick<Job, "hub" | "jobId" | "type" | "request" | "starts">): void {
    const { database } = this.deps;
    database.run("DELETE FROM hub_job WHERE hub = ? AND ended < ?", hub, this.#now() - RETENTION_MS);
    const row = { hub, job_id: jobId, type, request: JSON.stringify(request), status: "queued", starts };
    database.put("hub_job", { ...row, created: this.#now() });
  }

  /** Begins a job on its devices. */
  begin({ hub, jobId }: Job, deviceIds: readonly string[]): void {
    const { database } = this.deps;
    const now = this.#now();
    for (const deviceId of deviceIds) {
      const key = { hub, device_id: deviceId, job_id: jobId };
      database.put("hub_job_device", { ...key, status: "pending", created: now, updated: now });
    }
    database.change("hub_job", { hub, job_id: jobId }, { status: "running" });
  }

  end({ hub, jobId }: Job, status: JobStatus, statusMessage?: string): void {
    const columns = { status, status_message: statusMessage, ended: this.#now() };
    this.deps.database.change("hub_job", { hub, job_id: jobId }, columns);
  }

  /** Ends what is open of a job on its devices. */
  endOpen({ hub, jobId }: Job, status: DeviceJobStatus, error?: DeviceJob["error"]): void {
    const sql =
      "UPDATE hub_job_device SET status = ?, error = ?, ended = ?, updated = ? WHERE hub = ? AND job_id = ? AND status IN ('pending', 'running')";
    const now = this.#now();
    this.deps.database.run(sql, status, error ? JSON.stringify(error) : null, now, now, hub, jobId);
  }

  /** Returns IDs of devices on which a job has a status. */
  devicesOf({ hub, jobId }: Job, status: DeviceJobStatus, limit: number): string[] {
    const sql =
      "SELECT device_id FROM hub_job_device WHERE hub = ? AND job_id = ? AND status = ? ORDER BY device_id LIMIT ?";
    return this.deps.database.all(sql, hub, jobId, status, limit).map(({ device_id }) => String(device_id));
  }

  /** Records how a job proceeds on a device. */
  record(
    { hub, jobId }: Job,
    deviceId: string,
    { status, outcome, error }: Pick<DeviceJob, "status" | "outcome" | "error">,
  ): void {
    const now = this.#now();
    const times = status === "running" ? { started: now } : { ended: now };
    const columns = {
      status,
      outcome: outcome === undefined ? undefined : JSON.stringify(outcome),
      error: error && JSON.stringify(error),
      updated: now,
      ...times,
    };
    this.deps.database.change("hub_job_device", { hub, device_id: deviceId, job_id: jobId }, columns);
  }

  /** Counts the devices of a job by status. */
  counts({ hub, jobId }: Pick<Job, "hub" | "jobId">): Readonly<Record<DeviceJobStatus, number>> {
    const sql = "SELECT status, count(*) AS n FROM hub_job_device WHERE hub = ? AND job_id = ? GROUP BY status";
    const counts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
    const rows = this.deps.database.all(sql, hub, jobId).map(({ status, n }) => [String(status), Number(n)]);
    return { ...counts, ...Object.fromEntries(rows) };
  }

  /** Returns device jobs in the order of devices and jobs, behind a position, of one device or of all. */
  page(hub: string, [deviceId, jobId]: readonly [string, string], limit: number, only?: string): DeviceJob[] {
    const ofDevice = only === undefined ? "" : "AND d.device_id = ?";
    const sql = `${DEVICE_JOBS} WHERE d.hub = ? AND (d.device_id, d.job_id) > (?, ?) ${ofDevice} ORDER BY d.device_id, d.job_id LIMIT ?`;
    const values = only === undefined ? [hub, deviceId, jobId] : [hub, deviceId, jobId, only];
    return this.deps.database.all(sql, ...values, limit).map(deviceJobOf);
  }

  #now(): number {
    return this.deps.clock.now().getTime();
  }
}
