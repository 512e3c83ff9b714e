import type { Database, Row } from "../../kernel/database";

const TABLE = "arm_consumer_groups";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  hub TEXT NOT NULL REFERENCES arm_resources (key) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  etag TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (hub, name)
);
`;

/** The consumer group that every hub has. */
export const DEFAULT_CONSUMER_GROUP = "$Default";

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
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  named(hub: string, name: string): ConsumerGroup | undefined {
    const row = this.database.find(TABLE, { hub, name });
    return row && read(row);
  }

  list(hub: string): ConsumerGroup[] {
    return this.database.all("SELECT * FROM arm_consumer_groups WHERE hub = ? ORDER BY name", hub).map(read);
  }

  /** Adds a consumer group; does not change an existing one. */
  add(hub: string, { name, etag, created }: ConsumerGroup): void {
    if (!this.named(hub, name)) this.database.put(TABLE, { hub, name, etag, created });
  }

  /** Returns whether there was one. */
  remove(hub: string, name: string): boolean {
    return this.database.remove(TABLE, { hub, name }) > 0;
  }
}
