import type { SharedDependencies } from "../../kernel/sharedDependencies";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dps_latency (
  hub TEXT NOT NULL PRIMARY KEY,
  milliseconds REAL NOT NULL
);
`;

/** Default latency of a hub. */
export const DEFAULT_LATENCY_MS = 100;

/** Latencies between devices and hubs in milliseconds: measured in Azure, set by the control listener here. */
export class LatencyStore {
  constructor(private readonly deps: Pick<SharedDependencies, "database">) {
    deps.database.define(SCHEMA);
  }

  /** `hub` is a host name in lower case. Default {@link DEFAULT_LATENCY_MS}. */
  of(hub: string): number {
    return Number(this.deps.database.find("dps_latency", { hub })?.milliseconds ?? DEFAULT_LATENCY_MS);
  }

  /** Returns the latencies that are set, by host name. */
  all(): Readonly<Record<string, number>> {
    const rows = this.deps.database.all("SELECT hub, milliseconds FROM dps_latency ORDER BY hub");
    return Object.fromEntries(rows.map(({ hub, milliseconds }) => [String(hub), Number(milliseconds)]));
  }

  /** Replaces all latencies; other hubs get the default. */
  set(latencies: Readonly<Record<string, number>>): void {
    const { database } = this.deps;
    database.transaction(() => {
      database.run("DELETE FROM dps_latency");
      for (const [hub, milliseconds] of Object.entries(latencies)) {
        database.put("dps_latency", { hub: hub.toLowerCase(), milliseconds });
      }
    });
  }
}
