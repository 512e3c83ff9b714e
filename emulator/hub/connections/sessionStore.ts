import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { type ClientKey, clientPath } from "./clientKey";

const TABLE = "hub_session";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  hub TEXT NOT NULL,
  client TEXT NOT NULL,
  filters TEXT NOT NULL,
  PRIMARY KEY (hub, client)
);
`;

/** The subscriptions of MQTT clients that connect with CleanSession 0, which the hub keeps across connections. Durable. */
export class SessionStore {
  constructor(private readonly deps: Pick<SharedDependencies, "database">) {
    deps.database.define(SCHEMA);
  }

  /** Returns a client's filters with their QoS; undefined if it has no session. A clean one ends the session [MQTT-3.1.2-6]. */
  open(client: ClientKey, isClean: boolean): ReadonlyMap<string, number> | undefined {
    const known = this.#find(client);
    if (!isClean) return known;
    if (known) this.removeClient(client);
    return undefined;
  }

  /** Adds a filter. */
  add(client: ClientKey, filter: string, qos: number): Promise<void> {
    return this.#change(client, (filters) => filters.set(filter, qos));
  }

  remove(client: ClientKey, filter: string): Promise<void> {
    return this.#change(client, (filters) => filters.delete(filter));
  }

  /** Ends a client's session. */
  removeClient(client: ClientKey): void {
    this.deps.database.remove(TABLE, { hub: client.hub, client: clientPath(client) });
  }

  #find(client: ClientKey): Map<string, number> | undefined {
    const row = this.deps.database.find(TABLE, { hub: client.hub, client: clientPath(client) });
    return row && new Map(JSON.parse(String(row.filters)) as [string, number][]);
  }

  #change(client: ClientKey, change: (filters: Map<string, number>) => unknown): Promise<void> {
    return this.deps.database.groupCommit(() => {
      const filters = this.#find(client) ?? new Map<string, number>();
      change(filters);
      const row = { hub: client.hub, client: clientPath(client), filters: JSON.stringify([...filters]) };
      this.deps.database.put(TABLE, row);
    });
  }
}
