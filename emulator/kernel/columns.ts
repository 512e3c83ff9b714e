import type { Store } from "./store";

/**
 * Adds columns that a table of an earlier version lacks: a state folder outlives the version that made it. `columns` are
 * SQL declarations by name, each nullable or with a default.
 */
export function addColumns(store: Store, table: string, columns: Readonly<Record<string, string>>): void {
  const known = new Set(store.all(`PRAGMA table_info("${table}")`).map(({ name }) => String(name)));
  for (const [name, declaration] of Object.entries(columns)) {
    if (!known.has(name)) store.define(`ALTER TABLE "${table}" ADD COLUMN "${name}" ${declaration}`);
  }
}
