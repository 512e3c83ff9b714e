import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteStore } from "../../../operator/store/sqliteStore";
import { HandClock } from "../testDependencies";

/** Stores of a test in a temporary folder. Close them at the end. */
export class TestStores {
  readonly clock = new HandClock();
  readonly #folder = mkdtempSync(join(tmpdir(), "operator-store-"));
  readonly #opened: SqliteStore[] = [];

  /** A new store; leases end by the clock. */
  open(): SqliteStore {
    const store = new SqliteStore(join(this.#folder, `${this.#opened.length}.db`), this.clock);
    this.#opened.push(store);
    return store;
  }

  async close(): Promise<void> {
    for (const store of this.#opened) await store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
