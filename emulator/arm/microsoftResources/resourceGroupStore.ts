import type { Database, Row } from "../../kernel/database";

const TABLE = "arm_groups";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
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
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  named(name: string): ResourceGroup | undefined {
    const row = this.database.find(TABLE, { group_key: name.toLowerCase() });
    return row && read(row);
  }

  list(): ResourceGroup[] {
    return this.database.all("SELECT data FROM arm_groups ORDER BY group_key").map(read);
  }

  due(now: number): ResourceGroup[] {
    return this.database.all("SELECT data FROM arm_groups WHERE gone_at <= ?", now).map(read);
  }

  put(group: ResourceGroup): void {
    const { name, goneAt } = group;
    this.database.put(TABLE, { group_key: name.toLowerCase(), gone_at: goneAt, data: JSON.stringify(group) });
  }

  remove(name: string): void {
    this.database.remove(TABLE, { group_key: name.toLowerCase() });
  }
}
