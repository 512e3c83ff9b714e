import type { Database, Row } from "../../kernel/database";
import type { Resource } from "../resources/resourceStore";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_deleted_vaults (
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
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(SCHEMA);
  }

  named(name: string): DeletedVault | undefined {
    const row = this.#database.get("SELECT data FROM arm_deleted_vaults WHERE name_key = ?", name.toLowerCase());
    return row && read(row);
  }

  list(): DeletedVault[] {
    return this.#database.all("SELECT data FROM arm_deleted_vaults ORDER BY name_key").map(read);
  }

  /** The vaults due for their scheduled purge, by a clock in milliseconds since 1970. */
  due(now: number): DeletedVault[] {
    return this.#database.all("SELECT data FROM arm_deleted_vaults WHERE purge_at <= ?", now).map(read);
  }

  put(vault: DeletedVault): void {
    const sql = "INSERT OR REPLACE INTO arm_deleted_vaults (name_key, purge_at, data) VALUES (?, ?, ?)";
    this.#database.run(sql, vault.resource.name.toLowerCase(), vault.purgeAt, JSON.stringify(vault));
  }

  remove(name: string): void {
    this.#database.run("DELETE FROM arm_deleted_vaults WHERE name_key = ?", name.toLowerCase());
  }
}
