import { ARM_HOST } from "../../../azure/hosts";
import { DAY_MS } from "../../../certs/clock";
import type { Request, Response } from "../../kernel/operation";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { frontError } from "../armErrors";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_operations (
  id TEXT PRIMARY KEY,
  started_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL
);
`;

/** Milliseconds that an operation runs when `realDelays` is on; otherwise it ends before the response. */
export const REAL_DELAY = 3000;

/** How long operations are remembered. */
const RETENTION_MS = DAY_MS;

/** Where a client looks how an operation goes. */
export interface PollingUrls {
  /** For the header `Azure-AsyncOperation`. */
  readonly status: string;
  /** For the header `Location`. */
  readonly result: string;
}

/**
 * Long-running operations (Azure Resource Manager, "Track asynchronous Azure operations"). An operation is a record of
 * when it ends; what it does is done by then, or is seen as done from then on. None of them runs in the background, so
 * none is lost when the process is killed.
 */
export class LongRunningOperations {
  readonly #services: Pick<SharedDependencies, "database" | "clock" | "ids" | "switches">;

  constructor(services: Pick<SharedDependencies, "database" | "clock" | "ids" | "switches">) {
    this.#services = services;
    services.database.define(SCHEMA);
  }

  /**
   * When an operation that starts now ends: milliseconds since 1970; 0 when it has ended before its answer, which no clock
   * that is moved back later undoes.
   */
  endOfOneStartedNow(): number {
    const { clock, switches } = this.#services;
    return switches.realDelays ? clock.now().getTime() + REAL_DELAY : 0;
  }

  /** Records an operation and returns where to poll; `path` is that of its results, without ID and query. */
  start(request: Request, path: string, readyAt: number): PollingUrls {
    const { database, clock, ids } = this.#services;
    const id = ids.hex(16);
    const now = clock.now().getTime();
    database.run("DELETE FROM arm_operations WHERE started_at < ?", now - RETENTION_MS);
    const sql = "INSERT INTO arm_operations (id, started_at, ready_at) VALUES (?, ?, ?)";
    database.run(sql, id, now, readyAt);
    const version = encodeURIComponent(request.query.get("api-version") ?? "");
    const url = `https://${request.headers.host ?? ARM_HOST}${path}/${id}?api-version=${version}`;
    return { status: `${url}&asyncinfo`, result: url };
  }

  /** Azure sends no Retry-After for Microsoft.Devices; with real delays this local Azure does, to keep waits short. */
  retryAfter(): Readonly<Record<string, string>> {
    return this.#services.switches.realDelays ? { "retry-after": "1" } : {};
  }

  /** The response to a poll of either URL. */
  poll(request: Request): Response {
    const { database, clock } = this.#services;
    const id = request.params.operationId ?? "";
    const row = database.get("SELECT started_at, ready_at FROM arm_operations WHERE id = ?", id);
    if (!row) throw frontError(404, "NotFound", `The operation '${id}' is not known.`);
    const done = clock.now().getTime() >= Number(row.ready_at);
    if (request.query.has("asyncinfo")) {
      const [from, to] = [Number(row.started_at), Math.max(Number(row.started_at), Number(row.ready_at))];
      const startTime = new Date(from).toISOString();
      const ended = done ? { endTime: new Date(to).toISOString() } : {};
      const body = { id: request.path, name: id, status: done ? "Succeeded" : "Running", startTime, ...ended };
      return { status: 200, headers: this.retryAfter(), body };
    }
    if (done) return { status: 200 };
    const url = `https://${request.headers.host ?? ARM_HOST}${request.path}?api-version=${request.query.get("api-version") ?? ""}`;
    return { status: 202, headers: { location: url, ...this.retryAfter() } };
  }
}
