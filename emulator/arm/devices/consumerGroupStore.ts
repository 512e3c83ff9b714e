import type { Database, Row } from "../../kernel/database";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_consumer_groups (
  hub TEXT NOT NULL REFERENCES arm_resources (key) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  etag TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (hub, name)
);
`;

/** A consumer group of a hub's built-in events endpoint. */
export interface ConsumerGroup {
  readonly name: string;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

const read = ({ name, etag, created }: Row): ConsumerGroup => ({
  name: String(name),
  etag: String(etag),
  created: Number(created),
});

/** The consumer groups besides the default one. `hub` is the hub's key; removing the hub removes them. */
export class ConsumerGroupStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(SCHEMA);
  }

  named(hub: string, name: string): ConsumerGroup | undefined {
    const row = this.#database.get("SELECT * FROM arm_consumer_groups WHERE hub = ? AND name = ?", hub, name);
    return row && read(row);
  }

  list(hub: string): ConsumerGroup[] {
    return this.#database.all("SELECT * FROM arm_consumer_groups WHERE hub = ? ORDER BY name", hub).map(read);
  }

  /** Adds a consumer group; does not change an existing one. */
  add(hub: string, { name, etag, created }: ConsumerGroup): void {
    const sql = "INSERT OR IGNORE INTO arm_consumer_groups (hub, name, etag, created) VALUES (?, ?, ?, ?)";
    this.#database.run(sql, hub, name, etag, created);
  }

  /** Returns whether there was one. */
  remove(hub: string, name: string): boolean {
    return this.#database.run("DELETE FROM arm_consumer_groups WHERE hub = ? AND name = ?", hub, name) > 0;
  }
}
