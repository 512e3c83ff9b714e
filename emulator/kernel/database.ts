import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";

/** What SQLite takes and gives. */
export type SqlValue = string | number | bigint | Buffer | null;
export type Row = Readonly<Record<string, SqlValue>>;

/** A change that waits to be made together with others. */
interface Waiting {
  readonly work: () => unknown;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The one store of the local Azure: SQLite, durable at the moment of the answer (WAL, synchronous=FULL), so that a
 * killed process loses nothing that it had acknowledged. Statements are prepared once and kept.
 */
export class Database {
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #waiting: Waiting[] = [];
  #isClosed = false;

  /** `file` is a path, or `:memory:` for tests. */
  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#db = new Libsql(file);
    this.#db.pragma("journal_mode = WAL");
    this.#db.pragma("synchronous = FULL");
    this.#db.pragma("foreign_keys = ON");
  }

  /** Creates an area's tables where they are missing: `CREATE TABLE IF NOT EXISTS …; CREATE INDEX IF NOT EXISTS …`. */
  define(schema: string): void {
    this.#mustBeOpen();
    this.#db.exec(schema);
  }

  /** libsql ends the whole process when it is asked for anything after close, as by a request that was still under way. */
  #mustBeOpen(): void {
    if (this.#isClosed) throw new Error("the store is closed");
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

  /** Runs a change; answers how many rows it touched. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  /** All or nothing: what `work` changed is durable when this returns, and undone when it throws. */
  transaction<T>(work: () => T): T {
    this.#mustBeOpen();
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

  /**
   * As `transaction`, for calls that come many at once: those that wait at the same moment are committed together, so
   * that they share the one slow step, the disk's. Each is undone alone when it throws; none is answered before all are
   * durable.
   */
  together<T>(work: () => T): Promise<T> {
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
      const tell = this.transaction(() => waiting.map((each) => this.#attempt(each)));
      for (const each of tell) each();
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  /** Does one piece of work; answers how to tell of it once it is durable. */
  #attempt({ work, done, failed }: Waiting): () => void {
    this.#db.exec("SAVEPOINT one");
    try {
      const result = work();
      this.#db.exec("RELEASE one");
      return () => done(result);
    } catch (error) {
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

  /** Does what still waits, and closes. */
  close(): void {
    if (this.#isClosed) return;
    this.#commitWaiting();
    this.#isClosed = true;
    this.#db.close();
  }
}
