import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { VaultDependencies } from "../vaultDependencies";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS vault_setting (
  vault TEXT NOT NULL,
  kind TEXT NOT NULL,
  name_key TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (vault, kind, name_key)
) WITHOUT ROWID;
`;

/** A vault's certificate settings: issuers by name, and one list of contacts. */
export class SettingStore {
  readonly #store: VaultDependencies["database"];

  constructor({ database, vaults }: Pick<VaultDependencies, "database" | "vaults">) {
    this.#store = database;
    database.define(SCHEMA);
    vaults.onVaultPurged((vault) => {
      database.run("DELETE FROM vault_setting WHERE vault = ?", vault);
    });
  }

  find(vault: string, kind: "issuer" | "contacts", name: string): JsonObject | undefined {
    const sql = "SELECT body FROM vault_setting WHERE vault = ? AND kind = ? AND name_key = ?";
    const row = this.#store.get(sql, vault, kind, name.toLowerCase());
    return row && (JSON.parse(String(row.body)) as JsonObject);
  }

  /** In the order of names, after one (lower case). */
  list(vault: string, kind: "issuer", after: string, top: number): JsonObject[] {
    const sql =
      "SELECT body FROM vault_setting WHERE vault = ? AND kind = ? AND name_key > ? ORDER BY name_key LIMIT ?";
    return this.#store.all(sql, vault, kind, after, top).map(({ body }) => JSON.parse(String(body)) as JsonObject);
  }

  save(vault: string, kind: "issuer" | "contacts", name: string, body: JsonObject): void {
    const sql = "INSERT OR REPLACE INTO vault_setting (vault, kind, name_key, body) VALUES (?, ?, ?, ?)";
    this.#store.run(sql, vault, kind, name.toLowerCase(), JSON.stringify(body));
  }

  remove(vault: string, kind: "issuer" | "contacts", name: string): void {
    const sql = "DELETE FROM vault_setting WHERE vault = ? AND kind = ? AND name_key = ?";
    this.#store.run(sql, vault, kind, name.toLowerCase());
  }
}
