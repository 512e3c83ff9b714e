import type { Database, Row } from "../../kernel/database";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_groups (
  group_key TEXT PRIMARY KEY,
  gone_at INTEGER,
  data TEXT NOT NULL
);
`;

/** A resource group. */
export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly managedBy?: string;
  /** Set while it is being deleted: milliseconds since 1970 at which it is gone. */
  readonly goneAt?: number;
}

const read = (row: Row): ResourceGroup => JSON.parse(String(row.data)) as ResourceGroup;

/** The resource groups. */
export class ResourceGroupStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(SCHEMA);
  }

  named(name: string): ResourceGroup | undefined {
    const row = this.#database.get("SELECT data FROM arm_groups WHERE group_key = ?", name.toLowerCase());
    return row && read(row);
  }

  list(): ResourceGroup[] {
    return this.#database.all("SELECT data FROM arm_groups ORDER BY group_key").map(read);
  }

  due(now: number): ResourceGroup[] {
    return this.#database.all("SELECT data FROM arm_groups WHERE gone_at <= ?", now).map(read);
  }

  put(group: ResourceGroup): void {
    this.#database.run(
      `INSERT INTO arm_groups (group_key, gone_at, data) VALUES (?, ?, ?)
       ON CONFLICT (group_key) DO UPDATE SET gone_at = excluded.gone_at, data = excluded.data`,
      group.name.toLowerCase(),
      group.goneAt ?? null,
      JSON.stringify(group),
    );
  }

  remove(name: string): void {
    this.#database.run("DELETE FROM arm_groups WHERE group_key = ?", name.toLowerCase());
  }
}
