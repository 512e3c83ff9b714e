import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Libsql from "libsql";
import { type Clock, systemClock } from "../../certs/clock";
import { OperatorError } from "../operatorError";
import type { OperatorStore, StoredDocument, StoreLease } from "./operatorStore";
import { leaseHeld, STORE_WAIT_MS, storeConflict, storeUnavailable } from "./storeErrors";
import { leaseSeconds, storeName } from "./storeNames";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, value TEXT NOT NULL, etag TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS logs (name TEXT PRIMARY KEY, length INTEGER NOT NULL, lease TEXT, expires INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS chunks (log TEXT NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (log, position)) WITHOUT ROWID;`;

/** Milliseconds that the process itself waits for another one's transaction, and between two tries. */
const BUSY_MS = 25;
/** The same while it opens the file. */
const OPEN_BUSY_MS = 5000;

/** The longest lease, in milliseconds. */
const LONGEST_MS = 60_000;

interface LogRow {
  readonly length: number;
  readonly lease: string | null;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/**
 * The store in one SQLite file, which several instances on one machine may share. Durable before a promise resolves (WAL,
 * synchronous=FULL). `clock` decides when leases expire.
 */
export class SqliteStore implements OperatorStore {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #isClosed = false;

  /** `waitMs`: until a request counts as failed, in milliseconds. Errors: OperatorError StoreUnavailable. */
  constructor(file: string, clock: Clock = systemClock, waitMs = STORE_WAIT_MS) {
    this.#file = file;
    this.#clock = clock;
    this.#waitMs = waitMs;
    this.#db = this.#try(() => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // Password hashes and transcripts. SQLite makes its other files with the same mode.
      closeSync(openSync(file, "a", 0o600));
      const db = new Libsql(file);
      db.exec(`PRAGMA busy_timeout = ${OPEN_BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
      db.exec(SCHEMA);
      db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      return db;
    });
  }

  async read(name: string): Promise<StoredDocument | undefined> {
    return this.#attempt(() => {
      const row = this.#get<{ value: string; etag: string }>(
        "SELECT value, etag FROM documents WHERE name = ?",
        storeName(name),
      );
      return row && { value: JSON.parse(row.value) as StoredDocument["value"], etag: row.etag };
    });
  }

  async write(name: string, value: StoredDocument["value"], etag: string | undefined): Promise<string> {
    const [text, next] = [JSON.stringify(value), randomUUID()];
    const changes = await this.#attempt(() =>
      etag === undefined
        ? this.#run("INSERT OR IGNORE INTO documents (name, value, etag) VALUES (?, ?, ?)", storeName(name), text, next)
        : this.#run("UPDATE documents SET value = ?, etag = ? WHERE name = ? AND etag = ?", text, next, name, etag),
    );
    if (changes === 0) throw storeConflict(name);
    return next;
  }

  async remove(name: string, etag: string): Promise<void> {
    const changes = await this.#attempt(() =>
      this.#run("DELETE FROM documents WHERE name = ? AND etag = ?", name, etag),
    );
    if (changes === 0) throw storeConflict(name);
  }

  async list(prefix: string): Promise<string[]> {
    return this.#names("documents", prefix);
  }

  async createLog(log: string, seconds: number): Promise<StoreLease> {
    const lease = { log: storeName(log), id: randomUUID() };
    const sql = "INSERT OR IGNORE INTO logs (name, length, lease, expires) VALUES (?, 0, ?, ?)";
    const changes = await this.#attempt(() => this.#run(sql, log, lease.id, this.#expiry(seconds)));
    if (changes === 0) throw storeConflict(log);
    return lease;
  }

  async append(lease: StoreLease, position: number, bytes: Buffer): Promise<number> {
    return this.#transaction(() => {
      const { length } = this.#owned(lease);
      if (length !== position) throw storeConflict(lease.log);
      const next = position + bytes.length;
      this.#run("INSERT INTO chunks (log, position, bytes) VALUES (?, ?, ?)", lease.log, position, bytes);
      this.#run("UPDATE logs SET length = ? WHERE name = ?", next, lease.log);
      return next;
    });
  }

  async readLog(log: string): Promise<Buffer | undefined> {
    return this.#attempt(() => {
      if (this.#log(storeName(log)) === undefined) return undefined;
      const sql = "SELECT bytes FROM chunks WHERE log = ? ORDER BY position";
      const rows = this.#statement(sql).all(log) as { bytes: ArrayBuffer }[];
      return Buffer.concat(rows.map(({ bytes }) => Buffer.from(bytes)));
    });
  }

  async listLogs(prefix: string): Promise<string[]> {
    return this.#names("logs", prefix);
  }

  async removeLog(lease: StoreLease): Promise<void> {
    await this.#transaction(() => {
      this.#owned(lease);
      this.#run("DELETE FROM chunks WHERE log = ?", lease.log);
      this.#run("DELETE FROM logs WHERE name = ?", lease.log);
    });
  }

  async acquireLease(log: string, seconds: number): Promise<StoreLease> {
    return this.#transaction(() => {
      const row = this.#log(storeName(log));
      if (row === undefined || this.#isLeased(row)) throw leaseHeld(log);
      const lease = { log, id: randomUUID() };
      this.#lease(log, lease.id, this.#expiry(seconds));
      return lease;
    });
  }

  async isLeased(log: string): Promise<boolean> {
    return this.#attempt(() => {
      const row = this.#log(log);
      return row !== undefined && this.#isLeased(row);
    });
  }

  async renewLease(lease: StoreLease, seconds: number): Promise<void> {
    await this.#transaction(() => {
      // Also after its end, as long as no other instance has acquired it.
      if (this.#log(lease.log)?.lease !== lease.id) throw leaseHeld(lease.log);
      this.#lease(lease.log, lease.id, this.#expiry(seconds));
    });
  }

  async releaseLease(lease: StoreLease): Promise<void> {
    await this.#transaction(() => {
      if (this.#log(lease.log)?.lease !== lease.id) throw leaseHeld(lease.log);
      this.#lease(lease.log, null, 0);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#db.close();
  }

  #log(log: string): LogRow | undefined {
    return this.#get<LogRow>("SELECT length, lease, expires FROM logs WHERE name = ?", log);
  }

  /** The log of a lease that has not expired. Errors: LeaseHeld. */
  #owned(lease: StoreLease): LogRow {
    const row = this.#log(lease.log);
    if (row === undefined || row.lease !== lease.id || !this.#isLeased(row)) throw leaseHeld(lease.log);
    return row;
  }

  /** A lease that ends after the longest possible one is of a clock that has moved back since, and has expired. */
  #isLeased({ lease, expires }: LogRow): boolean {
    const left = expires - this.#clock.now().getTime();
    return lease !== null && left > 0 && left <= LONGEST_MS;
  }

  #expiry(seconds: number): number {
    return this.#clock.now().getTime() + leaseSeconds(seconds) * 1000;
  }

  #lease(log: string, lease: string | null, expires: number): void {
    this.#run("UPDATE logs SET lease = ?, expires = ? WHERE name = ?", lease, expires, log);
  }

  async #names(table: "documents" | "logs", prefix: string): Promise<string[]> {
    const sql = `SELECT name FROM ${table} WHERE substr(name, 1, length(?)) = ? ORDER BY name`;
    const rows = await this.#attempt(() => this.#statement(sql).all(prefix, prefix) as { name: string }[]);
    return rows.map(({ name }) => name);
  }

  #statement(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #get<T>(sql: string, ...values: unknown[]): T | undefined {
    return (this.#statement(sql).get(...values) as T | undefined) ?? undefined;
  }

  #run(sql: string, ...values: unknown[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  #transaction<T>(work: () => T): Promise<T> {
    return this.#attempt(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#db.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk has rolled back already.
        if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Runs work, again while another process has a transaction; the process goes on with other work meanwhile. */
  async #attempt<T>(work: () => T): Promise<T> {
    const deadline = performance.now() + this.#waitMs;
    for (;;) {
      try {
        return this.#try(work);
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() >= deadline) throw this.#silent(error);
      }
      await pause(BUSY_MS);
    }
  }

  #silent(cause: unknown): OperatorError {
    const what = `The operator store ${this.#file} was locked by another process for ${this.#waitMs / 1000} seconds.`;
    return storeUnavailable(what, "end the process that has a transaction on it, then connect again", cause);
  }

  #try<T>(work: () => T): T {
    // libsql crashes the process on a call after close.
    if (this.#isClosed) throw storeUnavailable("The store is closed.", "connect to another instance");
    try {
      return work();
    } catch (cause) {
      if (cause instanceof OperatorError || cause instanceof TypeError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const remedy = `see that the disk has free space and that this user may write ${this.#file}`;
      throw storeUnavailable(`The operator store ${this.#file} cannot be read or written: ${reason}.`, remedy, cause);
    }
  }
}

/** Whether another process had a transaction. */
const isBusy = (error: unknown): boolean =>
  error instanceof OperatorError &&
  /^SQLITE_(BUSY|LOCKED)/.test((error.cause as { code?: string } | undefined)?.code ?? "");
