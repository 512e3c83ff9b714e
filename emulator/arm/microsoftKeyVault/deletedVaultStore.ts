import type { Database, Row } from "../../kernel/database";
import type { Resource } from "../microsoftResources/resourceStore";

const TABLE = "arm_deleted_vaults";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  name_key TEXT PRIMARY KEY,
  purge_at INTEGER NOT NULL,
  data TEXT NOT NULL
);
`;

/** A vault that was deleted, and can be recovered until its scheduled purge. */
export interface DeletedVault {
  /** The vault before its deletion. */
  readonly resource: Resource;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
  readonly purgeAt: number;
}

const read = (row: Row): DeletedVault => JSON.parse(String(row.data)) as DeletedVault;

/** The deleted vaults. Their names stay reserved. */
export class DeletedVaultStore {
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  named(name: string): DeletedVault | undefined {
    const row = this.database.find(TABLE, { name_key: name.toLowerCase() });
    return row && read(row);
  }

  list(): DeletedVault[] {
    return this.database.all("SELECT data FROM arm_deleted_vaults ORDER BY name_key").map(read);
  }

  /** The vaults due for their scheduled purge, by a clock in milliseconds since 1970. */
  due(now: number): DeletedVault[] {
    return this.database.all("SELECT data FROM arm_deleted_vaults WHERE purge_at <= ?", now).map(read);
  }

  put(vault: DeletedVault): void {
    const { resource, purgeAt } = vault;
    this.database.put(TABLE, { name_key: resource.name.toLowerCase(), purge_at: purgeAt, data: JSON.stringify(vault) });
  }

  remove(name: string): void {
    this.database.remove(TABLE, { name_key: name.toLowerCase() });
  }
}
