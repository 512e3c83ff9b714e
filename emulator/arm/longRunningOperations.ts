import { ARM_HOST } from "../../azure/hosts";
import { DAY_MS } from "../../certs/clock";
import type { Request, Response } from "../kernel/operation";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import { frontError } from "./armErrors";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_operations (
  id TEXT PRIMARY KEY,
  started_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL
);
`;

/** Milliseconds that an operation runs when `realDelays` is on; otherwise it ends before the response. */
export const REAL_DELAY = 3000;

/** How long operations can be polled. */
const RETENTION_MS = DAY_MS;

/** The URLs at which a client polls an operation. */
export interface PollingUrls {
  /** For the header `Azure-AsyncOperation`. */
  readonly status: string;
  /** For the header `Location`. */
  readonly result: string;
}

/** A URL at the host of a request, with its API version. */
const pollingUrl = ({ headers, query }: Request, path: string): string =>
  `https://${headers.host ?? ARM_HOST}${path}?api-version=${encodeURIComponent(query.get("api-version") ?? "")}`;

/**
 * Long-running operations (Azure Resource Manager, "Track asynchronous Azure operations"). An operation is a record of
 * its completion time: its effect is in the database by then, or becomes visible then. No operation runs in the
 * background, so none is lost when the process is killed.
 */
export class LongRunningOperations {
  constructor(private readonly shared: Pick<SharedDependencies, "database" | "clock" | "ids" | "switches">) {
    shared.database.define(SCHEMA);
  }

  /**
   * Returns when an operation that starts now completes: milliseconds since 1970. 0 when it completes before its response,
   * so that a clock that is moved back later does not undo it.
   */
  completionTime(): number {
    const { clock, switches } = this.shared;
    return switches.realDelays ? clock.now().getTime() + REAL_DELAY : 0;
  }

  /** Records an operation and returns where to poll; `path` is that of its results, without ID and query. */
  start(request: Request, path: string, readyAt: number): PollingUrls {
    const { database, clock, ids } = this.shared;
    const id = ids.hex(16);
    const now = clock.now().getTime();
    database.run("DELETE FROM arm_operations WHERE started_at < ?", now - RETENTION_MS);
    database.put("arm_operations", { id, started_at: now, ready_at: readyAt });
    const url = pollingUrl(request, `${path}/${id}`);
    return { status: `${url}&asyncinfo`, result: url };
  }

  /** Azure sends no Retry-After for Microsoft.Devices; with real delays the local Azure does, so that clients wait less. */
  retryAfter(): Readonly<Record<string, string>> {
    return this.shared.switches.realDelays ? { "retry-after": "1" } : {};
  }

  /** The response to a poll of either URL. */
  poll(request: Request): Response {
    const { database, clock } = this.shared;
    const id = request.params.operationId ?? "";
    const row = database.find("arm_operations", { id });
    if (!row) throw frontError(404, "NotFound", `The operation '${id}' was not found.`);
    const done = clock.now().getTime() >= Number(row.ready_at);
    if (request.query.has("asyncinfo")) {
      const [from, to] = [Number(row.started_at), Math.max(Number(row.started_at), Number(row.ready_at))];
      const startTime = new Date(from).toISOString();
      const ended = done ? { endTime: new Date(to).toISOString() } : {};
      const body = { id: request.path, name: id, status: done ? "Succeeded" : "Running", startTime, ...ended };
      return { status: 200, headers: this.retryAfter(), body };
    }
    if (done) return { status: 200 };
    return { status: 202, headers: { location: pollingUrl(request, request.path), ...this.retryAfter() } };
  }
}
