import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";

/** What SQLite takes and gives. */
export type SqlValue = string | number | bigint | Buffer | null;
export type Row = Readonly<Record<string, SqlValue>>;

/**
 * The one store of the local Azure: SQLite, durable at the moment of the answer (WAL, synchronous=FULL), so that a
 * killed process loses nothing that it had acknowledged. Statements are prepared once and kept.
 */
export class Store {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  /** `file` is a path, or `:memory:` for tests. */
  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#db = new Database(file);
    this.#db.pragma("journal_mode = WAL");
    this.#db.pragma("synchronous = FULL");
    this.#db.pragma("foreign_keys = ON");
  }

  /** Creates an area's tables where they are missing: `CREATE TABLE IF NOT EXISTS …; CREATE INDEX IF NOT EXISTS …`. */
  define(schema: string): void {
    this.#db.exec(schema);
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return (this.#statement(sql).get(...values) as Row | undefined) ?? undefined;
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Runs a change; answers how many rows it touched. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  /** All or nothing: what `work` changed is durable when this returns, and undone when it throws. */
  transaction<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Empties every table. */
  reset(): void {
    const tables = this.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    this.#db.pragma("foreign_keys = OFF");
    this.transaction(() => {
      for (const { name } of tables) this.#db.exec(`DELETE FROM "${String(name)}"`);
    });
    this.#db.pragma("foreign_keys = ON");
  }

  close(): void {
    this.#db.close();
  }
}
