import type { Database } from "./database";

/**
 * Adds columns that a table made by an earlier version lacks. `columns` are SQL declarations by name, each nullable or
 * with a default.
 */
export function addColumns(database: Database, table: string, columns: Readonly<Record<string, string>>): void {
  const known = new Set(database.all(`PRAGMA table_info("${table}")`).map(({ name }) => String(name)));
  for (const [name, declaration] of Object.entries(columns)) {
    if (!known.has(name)) database.define(`ALTER TABLE "${table}" ADD COLUMN "${name}" ${declaration}`);
  }
}
