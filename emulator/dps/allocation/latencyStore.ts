import type { Database } from "../../kernel/database";

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
  readonly #store: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#store = database;
    database.define(SCHEMA);
  }

  /** `hub` is a host name in lower case. Default {@link DEFAULT_LATENCY_MS}. */
  of(hub: string): number {
    const row = this.#store.get("SELECT milliseconds FROM dps_latency WHERE hub = ?", hub);
    return row === undefined ? DEFAULT_LATENCY_MS : Number(row.milliseconds);
  }

  /** Returns the latencies that are set, by host name. */
  all(): Readonly<Record<string, number>> {
    const rows = this.#store.all("SELECT hub, milliseconds FROM dps_latency ORDER BY hub");
    return Object.fromEntries(rows.map(({ hub, milliseconds }) => [String(hub), Number(milliseconds)]));
  }

  /** Replaces all latencies; other hubs get the default. */
  set(latencies: Readonly<Record<string, number>>): void {
    this.#store.transaction(() => {
      this.#store.run("DELETE FROM dps_latency");
      for (const [hub, milliseconds] of Object.entries(latencies)) {
        this.#store.run(
          "INSERT OR REPLACE INTO dps_latency (hub, milliseconds) VALUES (?, ?)",
          hub.toLowerCase(),
          milliseconds,
        );
      }
    });
  }
}
