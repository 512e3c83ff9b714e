import { closeSync, fdatasync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";

/** A value of SQLite. */
export type SqlValue = string | number | bigint | Buffer | null;
export type Row = Readonly<Record<string, SqlValue>>;
/** Values by column; undefined is NULL. */
export type Columns = Readonly<Record<string, SqlValue | undefined>>;

/** Declarations of columns by name, as `CREATE TABLE` has them. */
export const columnList = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([name, declaration]) => `"${name}" ${declaration}`)
    .join(",\n  ");

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

/** Settles changes after their commit; all fail by an error, also one of what runs after the commit. */
function settleAll(waiting: readonly Waiting[], error: unknown, settle: readonly (() => void)[] = []): void {
  try {
    if (error) throw error;
    for (const each of settle) each();
  } catch (cause) {
    for (const { failed } of waiting) failed(cause);
  }
}

/**
 * The local Azure's database: SQLite, durable before the response (WAL), so that neither a killed process nor a power failure
 * loses what was acknowledged. `transaction` waits for the disk (synchronous=FULL); a group commit waits for it in the thread
 * pool, and the event loop goes on. Prepared statements are cached.
 */
export class Database {
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #waiting: Waiting[] = [];
  /** Whether a group commit is scheduled, or on its way to the disk: further changes share the next one. */
  #isCommitting = false;
  /** The write-ahead log; undefined before the first group commit, and in memory. */
  #log: number | undefined;
  /** What runs after the commit of the transaction in progress. */
  #committed: (() => void)[] = [];
  #isClosed = false;

  /** `file` is a path, or `:memory:` for tests. */
  constructor(private readonly file: string) {
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
   * with a default. New tables have them from the start ({@link columnList}): SQLite reads the whole schema again after each.
   */
  addColumns(table: string, columns: Readonly<Record<string, string>>): void {
    // One row of text: the driver takes longer for each row than SQLite.
    const row = this.get("SELECT json_group_array(name) AS names FROM pragma_table_info(?)", table);
    const known = new Set<string>(JSON.parse(String(row?.names)));
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

  /** Runs `work` in a transaction: durable when this returns, rolled back when it throws. */
  transaction<T>(work: () => T): T {
    this.#mustBeOpen();
    if (this.#db.inTransaction) return work();
    const { result, committed } = this.#commit(work);
    for (const each of committed) each();
    return result;
  }

  /** Runs and commits `work`; returns what is to run once that is durable. */
  #commit<T>(work: () => T): { readonly result: T; readonly committed: readonly (() => void)[] } {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return { result, committed: this.#committed.splice(0) };
    } catch (error) {
      this.#committed = [];
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Runs `work` after the commit of the transaction in progress, and not if it is rolled back. Without one, at once. */
  afterCommit(work: () => void): void {
    if (this.#db.inTransaction) this.#committed.push(work);
    else work();
  }

  /**
   * As `transaction`, for many concurrent calls: those that come in one turn of the event loop, or while the previous commit
   * is on its way to the disk, share a commit. Each is rolled back alone when it throws; all resolve once they are durable.
   */
  groupCommit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#mustBeOpen();
      this.#waiting.push({ work, done: (result) => resolve(result as T), failed: reject });
      this.#scheduleCommit();
    });
  }

  #scheduleCommit(): void {
    if (this.#isCommitting || this.#waiting.length === 0) return;
    this.#isCommitting = true;
    setImmediate(() => this.#commitGroup());
  }

  /** Commits what waits without waiting for the disk, and settles it when the log is on the disk. */
  #commitGroup(): void {
    const waiting = this.#waiting.splice(0);
    const ended = (error: unknown, settle: readonly (() => void)[] = []): void => {
      this.#isCommitting = false;
      if (this.#isClosed) this.#closeLog();
      settleAll(waiting, error, settle);
      this.#scheduleCommit();
    };
    try {
      // Closing the database has committed them.
      if (waiting.length === 0) {
        ended(undefined);
        return;
      }
      const changes = this.#changes();
      const { result, committed } = this.#commitLazily(waiting);
      const settle = [...committed, ...result];
      const log = this.#changes() === changes ? undefined : this.#openLog();
      if (log === undefined) ended(undefined, settle);
      else fdatasync(log, (error) => ended(error, settle));
    } catch (error) {
      ended(error);
    }
  }

  /** Commits without waiting for the disk. */
  #commitLazily(waiting: readonly Waiting[]) {
    this.#db.exec("PRAGMA synchronous = NORMAL");
    try {
      return this.#attemptAll(waiting);
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  #attemptAll(waiting: readonly Waiting[]) {
    return this.#commit(() => waiting.map((each) => this.#attempt(each)));
  }

  /** The number of rows changed since the database was opened. */
  #changes(): number {
    return Number((this.#statement("SELECT total_changes() AS changes").get() as Row).changes);
  }

  /**
   * The write-ahead log, for `fdatasync`: with synchronous=NORMAL a commit is durable once its log is. SQLite itself puts
   * the log on the disk before it copies pages out of it ("Write-Ahead Logging", 2.3).
   */
  #openLog(): number | undefined {
    if (this.file === ":memory:") return undefined;
    this.#log ??= openSync(`${this.file}-wal`, "r+");
    return this.#log;
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
    const waiting = this.#waiting.splice(0);
    try {
      const { result, committed } = this.#attemptAll(waiting);
      settleAll(waiting, undefined, [...committed, ...result]);
    } catch (error) {
      settleAll(waiting, error);
    }
    this.#isClosed = true;
    this.#db.close();
    if (!this.#isCommitting) this.#closeLog();
  }

  #closeLog(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }
}
