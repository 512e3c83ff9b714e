import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { VaultDependencies } from "../vaultDependencies";

type Kind = "issuer" | "contacts";

const TABLE = "vault_setting";
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
  constructor(private readonly deps: Pick<VaultDependencies, "database" | "vaults">) {
    deps.database.define(SCHEMA);
    deps.vaults.onVaultPurged((vault) => {
      deps.database.remove(TABLE, { vault });
    });
  }

  find(vault: string, kind: Kind, name: string): JsonObject | undefined {
    const row = this.deps.database.find(TABLE, { vault, kind, name_key: name.toLowerCase() });
    return row && (JSON.parse(String(row.body)) as JsonObject);
  }

  /** In the order of names, after one (lower case). */
  list(vault: string, kind: Kind, after: string, top: number): JsonObject[] {
    const sql =
      "SELECT body FROM vault_setting WHERE vault = ? AND kind = ? AND name_key > ? ORDER BY name_key LIMIT ?";
    const rows = this.deps.database.all(sql, vault, kind, after, top);
    return rows.map(({ body }) => JSON.parse(String(body)) as JsonObject);
  }

  save(vault: string, kind: Kind, name: string, body: JsonObject): void {
    this.deps.database.put(TABLE, { vault, kind, name_key: name.toLowerCase(), body: JSON.stringify(body) });
  }

  remove(vault: string, kind: Kind, name: string): void {
    this.deps.database.remove(TABLE, { vault, kind, name_key: name.toLowerCase() });
  }
}
