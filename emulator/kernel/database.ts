import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";

/** A value of SQLite. */
export type SqlValue = string | number | bigint | Buffer | null;
export type Row = Readonly<Record<string, SqlValue>>;
/** Values by column; undefined is NULL. */
export type Columns = Readonly<Record<string, SqlValue | undefined>>;

const valuesOf = (columns: Columns): SqlValue[] => Object.values(columns).map((value) => value ?? null);
const assignments = (columns: Columns, separator: string): string =>
  Object.keys(columns)
    .map((column) => `${column} = ?`)
    .join(separator);

/** A change that waits for the next group commit. */
interface Waiting {
  readonly work: () => unknown;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The local Azure's database: SQLite, durable before the response (WAL, synchronous=FULL), so that a killed process
 * loses nothing it acknowledged. Prepared statements are cached.
 */
export class Database {
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #waiting: Waiting[] = [];
  /** What runs after the commit of the transaction in progress. */
  #committed: (() => void)[] = [];
  #isClosed = false;

  /** `file` is a path, or `:memory:` for tests. */
  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#db = new Libsql(file);
    this.#db.pragma("journal_mode = WAL");
    this.#db.pragma("synchronous = FULL");
    this.#db.pragma("foreign_keys = ON");
  }

  /** Creates missing tables: `CREATE TABLE IF NOT EXISTS …; CREATE INDEX IF NOT EXISTS …`. */
  define(schema: string): void {
    this.#mustBeOpen();
    this.#db.exec(schema);
  }

  /**
   * Adds columns that a table made by an earlier version lacks. `columns` are SQL declarations by name, each nullable or
   * with a default.
   */
  addColumns(table: string, columns: Readonly<Record<string, string>>): void {
    const known = new Set(this.all(`PRAGMA table_info("${table}")`).map(({ name }) => String(name)));
    for (const [name, declaration] of Object.entries(columns)) {
      if (!known.has(name)) this.define(`ALTER TABLE "${table}" ADD COLUMN "${name}" ${declaration}`);
    }
  }

  /** libsql crashes the process on a call after close, as from a pending request. */
  #mustBeOpen(): void {
    if (this.#isClosed) throw new Error("the database is closed");
  }

  #statement(sql: string): Libsql.Statement {
    this.#mustBeOpen();
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

  /** Runs a change; returns the number of changed rows. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  /** Returns the row with these values. */
  find(table: string, key: Columns): Row | undefined {
    return this.get(`SELECT * FROM ${table} WHERE ${assignments(key, " AND ")}`, ...valuesOf(key));
  }

  /** Inserts a row. Where its key is taken, replaces the columns `replaced`, by default the whole row. */
  put(table: string, row: Columns, replaced?: readonly string[]): void {
    const columns = Object.keys(row);
    const insert = `INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
    const update = replaced?.map((column) => `${column} = excluded.${column}`).join(", ");
    const sql =
      update === undefined ? `INSERT OR REPLACE ${insert}` : `INSERT ${insert} ON CONFLICT DO UPDATE SET ${update}`;
    this.run(sql, ...valuesOf(row));
  }

  /** Changes columns of the rows with the values of `key`. */
  change(table: string, key: Columns, columns: Columns): void {
    const sql = `UPDATE ${table} SET ${assignments(columns, ", ")} WHERE ${assignments(key, " AND ")}`;
    this.run(sql, ...valuesOf(columns), ...valuesOf(key));
  }

  /** Removes the rows with these values; returns their number. */
  remove(table: string, key: Columns): number {
    return this.run(`DELETE FROM ${table} WHERE ${assignments(key, " AND ")}`, ...valuesOf(key));
  }

  /** Runs `work` in a transaction: committed when this returns, rolled back when it throws. */
  transaction<T>(work: () => T): T {
    this.#mustBeOpen();
    if (this.#db.inTransaction) return work();
    this.#db.exec("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = work();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#committed = [];
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
    for (const committed of this.#committed.splice(0)) committed();
    return result;
  }

  /** Runs `work` after the commit of the transaction in progress, and not if it is rolled back. Without one, at once. */
  afterCommit(work: () => void): void {
    if (this.#db.inTransaction) this.#committed.push(work);
    else work();
  }

  /**
   * As `transaction`, for many concurrent calls: those waiting at the same time share one commit, the slow step. Each is
   * rolled back alone when it throws; all resolve after the commit.
   */
  groupCommit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#mustBeOpen();
      if (this.#waiting.length === 0) setImmediate(() => this.#commitWaiting());
      this.#waiting.push({ work, done: (result) => resolve(result as T), failed: reject });
    });
  }

  #commitWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      const settle = this.transaction(() => waiting.map((each) => this.#attempt(each)));
      for (const each of settle) each();
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  /** Runs one change; returns what settles its promise after the commit. */
  #attempt({ work, done, failed }: Waiting): () => void {
    const before = this.#committed.length;
    this.#db.exec("SAVEPOINT one");
    try {
      const result = work();
      this.#db.exec("RELEASE one");
      return () => done(result);
    } catch (error) {
      this.#committed.length = before;
      this.#db.exec("ROLLBACK TO one; RELEASE one");
      return () => failed(error);
    }
  }

  /** Empties every table. */
  reset(): void {
    const tables = this.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    this.#db.pragma("foreign_keys = OFF");
    try {
      this.transaction(() => {
        for (const { name } of tables) this.#db.exec(`DELETE FROM "${String(name)}"`);
      });
    } finally {
      this.#db.pragma("foreign_keys = ON");
    }
  }

  /** Commits what waits, and closes. */
  close(): void {
    if (this.#isClosed) return;
    this.#commitWaiting();
    this.#isClosed = true;
    this.#db.close();
  }
}
