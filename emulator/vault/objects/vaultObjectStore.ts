import type { JsonObject } from "../../../azure/wire/jsonObject";
import { DAY_SECONDS, unixSeconds } from "../../kernel/clock";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import type { Sealer } from "../sealer";
import type { ObjectKind } from "../vaultPermissions";
import type { Attributes } from "./objectAttributes";
import {
  type ObjectChange,
  type ObjectDraft,
  type ObjectKey,
  type ObjectState,
  type ObjectVersion,
  versionOfRow,
} from "./objectVersion";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS vault_object (
  vault TEXT NOT NULL,
  kind TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  current TEXT NOT NULL,
  about TEXT NOT NULL DEFAULT '{}',
  deleted_at INTEGER,
  purge_at INTEGER,
  settled_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (vault, kind, name_key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vault_version (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  vault TEXT NOT NULL,
  kind TEXT NOT NULL,
  name_key TEXT NOT NULL,
  version TEXT NOT NULL,
  attributes TEXT NOT NULL,
  tags TEXT,
  managed INTEGER NOT NULL,
  detail TEXT NOT NULL,
  sealed BLOB,
  UNIQUE (vault, kind, name_key, version),
  FOREIGN KEY (vault, kind, name_key) REFERENCES vault_object (vault, kind, name_key) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS vault_object_purge ON vault_object (purge_at) WHERE purge_at IS NOT NULL;
`;

/** Maximum objects in the cache, which is valid until any object changes: each signature reads its key. */
const CACHE_LIMIT = 10_000;

const labelOf = ({ vault, kind, name }: ObjectKey, version: string): string =>
  [vault, kind, name.toLowerCase(), version].join("/");

/**
 * The versioned, soft-deletable objects of all vaults: keys, secrets and certificates. Material is sealed. Callers check
 * conflicts and permissions. There are no background jobs: the next access removes an object after its scheduled purge
 * date.
 */
export class VaultObjectStore {
  readonly #services: Pick<SharedDependencies, "database" | "clock" | "ids">;
  readonly #sealer: Sealer;
  readonly #cache = new Map<string, ObjectVersion | undefined>();
  /** Time of the next scheduled purge, in seconds since 1970; undefined if not read yet. */
  #nextPurge: number | undefined;

  constructor(services: Pick<SharedDependencies, "database" | "clock" | "ids">, sealer: Sealer) {
    this.#services = services;
    this.#sealer = sealer;
    services.database.define(SCHEMA);
  }

  /** Clears the cache: after a change, and after a reset of the database. */
  changed(): void {
    this.#cache.clear();
    this.#nextPurge = undefined;
  }

  #sweep(): void {
    const { database, clock } = this.#services;
    if (this.#nextPurge === undefined) {
      const row = database.get("SELECT min(purge_at) AS at FROM vault_object WHERE purge_at IS NOT NULL");
      this.#nextPurge = row?.at === null || row === undefined ? Number.POSITIVE_INFINITY : Number(row.at);
    }
    const now = unixSeconds(clock);
    if (now < this.#nextPurge) return;
    database.run("DELETE FROM vault_object WHERE purge_at <= ?", now);
    this.changed();
  }

  /** A version of an object that is neither deleted nor just being recovered: the latest unless one is named. */
  find(key: ObjectKey, version?: string): ObjectVersion | undefined {
    this.#sweep();
    const id = labelOf(key, version ?? "");
    const known = this.#cache.get(id);
    if (known) return known;
    if (this.state(key)?.state !== "active") return undefined;
    const found = this.version(key, version);
    if (found) {
      if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
      this.#cache.set(id, found);
    }
    return found;
  }

  /** A version of an object, deleted or not: the latest unless one is named. */
  version(key: ObjectKey, version?: string): ObjectVersion | undefined {
    const row = this.#services.database.get(
      `SELECT v.*, o.name FROM vault_object o JOIN vault_version v USING (vault, kind, name_key)
       WHERE o.vault = ? AND o.kind = ? AND o.name_key = ? AND v.version = coalesce(?, o.current)`,
      key.vault,
      key.kind,
      key.name.toLowerCase(),
      version ?? null,
    );
    return row && versionOfRow(row);
  }

  /** Undefined when no object has the name. */
  state(key: ObjectKey): ObjectState | undefined {
    this.#sweep();
    const sql =
      "SELECT deleted_at, purge_at, settled_at FROM vault_object WHERE vault = ? AND kind = ? AND name_key = ?";
    const row = this.#services.database.get(sql, key.vault, key.kind, key.name.toLowerCase());
    if (!row) return undefined;
    const settled = unixSeconds(this.#services.clock) >= Number(row.settled_at);
    if (row.deleted_at === null) return { state: settled ? "active" : "recovering" };
    const [deletedDate, scheduledPurgeDate] = [Number(row.deleted_at), Number(row.purge_at)];
    return { state: settled ? "deleted" : "deleting", deletedDate, scheduledPurgeDate };
  }

  /** Returns the material of a version. Throws if it has none, or if it was sealed with another key. */
  material(object: ObjectVersion): Buffer {
    const clear = object.sealed && this.#sealer.open(object.sealed, labelOf(object, object.version));
    if (clear) return clear;
    throw new Error(
      `the material of ${object.kind} ${object.name} cannot be opened: vault-key is not the one it was sealed with`,
    );
  }

  /** Adds a version, which becomes the latest, to an object that is not deleted, made if it is not there. */
  add(key: ObjectKey, draft: ObjectDraft): ObjectVersion {
    const { database, ids, clock } = this.#services;
    const now = unixSeconds(clock);
    const version = draft.version ?? ids.hex(16);
    const attributes: Attributes = { enabled: true, ...draft.attributes, created: now, updated: now, ...draft.times };
    database.transaction(() => {
      database.run(
        `INSERT INTO vault_object (vault, kind, name_key, name, current) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (vault, kind, name_key) DO UPDATE SET current = excluded.current`,
        key.vault,
        key.kind,
        key.name.toLowerCase(),
        key.name,
        version,
      );
      database.run(
        `INSERT INTO vault_version (vault, kind, name_key, version, attributes, tags, managed, detail, sealed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        key.vault,
        key.kind,
        key.name.toLowerCase(),
        version,
        JSON.stringify(attributes),
        draft.tags ? JSON.stringify(draft.tags) : null,
        draft.managed ? 1 : 0,
        JSON.stringify(draft.detail),
        draft.material ? this.#sealer.seal(draft.material, labelOf(key, version)) : null,
      );
    });
    this.changed();
    const added = this.version(key, version);
    if (!added) throw new Error(`the version ${version} of ${key.kind} ${key.name} was not stored`);
    return added;
  }

  /** Updates a version in place; returns the new state. */
  update(object: ObjectVersion, change: ObjectChange): ObjectVersion {
    const { database, clock } = this.#services;
    const attributes = { ...object.attributes, ...change.attributes, updated: unixSeconds(clock) };
    const tags = change.tags ?? object.tags;
    database.run(
      `UPDATE vault_version SET attributes = ?, tags = ?, detail = ?
       WHERE vault = ? AND kind = ? AND name_key = ? AND version = ?`,
      JSON.stringify(attributes),
      tags ? JSON.stringify(tags) : null,
      JSON.stringify(change.detail ?? object.detail),
      object.vault,
      object.kind,
      object.name.toLowerCase(),
      object.version,
    );
    this.changed();
    return { ...object, attributes, ...(tags ? { tags } : {}), detail: change.detail ?? object.detail };
  }

  /** Returns the data of an object across its versions, for example a rotation policy; empty by default. */
  about(key: ObjectKey): JsonObject {
    const sql = "SELECT about FROM vault_object WHERE vault = ? AND kind = ? AND name_key = ?";
    const row = this.#services.database.get(sql, key.vault, key.kind, key.name.toLowerCase());
    return row ? (JSON.parse(String(row.about)) as JsonObject) : {};
  }

  setAbout(key: ObjectKey, about: JsonObject): void {
    const sql = "UPDATE vault_object SET about = ? WHERE vault = ? AND kind = ? AND name_key = ?";
    this.#services.database.run(sql, JSON.stringify(about), key.vault, key.kind, key.name.toLowerCase());
    this.changed();
  }

  /** The latest versions of a kind in the order of their names, after one name (lower case); deleted ones or the others. */
  list(vault: string, kind: ObjectKind, page: { deleted: boolean; after: string; top: number }): ObjectVersion[] {
    this.#sweep();
    const rows = this.#services.database.all(
      `SELECT v.*, o.name FROM vault_object o
       JOIN vault_version v ON v.vault = o.vault AND v.kind = o.kind AND v.name_key = o.name_key AND v.version = o.current
       WHERE o.vault = ? AND o.kind = ? AND o.name_key > ? AND (o.deleted_at IS NOT NULL) = ? AND o.settled_at <= ?
       ORDER BY o.name_key LIMIT ?`,
      vault,
      kind,
      page.after,
      page.deleted ? 1 : 0,
      unixSeconds(this.#services.clock),
      page.top,
    );
    return rows.map(versionOfRow);
  }

  /** Versions of an object, deleted or not, oldest first. `after` is a version id, empty at the first page. */
  versions(key: ObjectKey, page: { after: string; top: number }): ObjectVersion[] {
    const rows = this.#services.database.all(
      `SELECT v.*, o.name FROM vault_version v JOIN vault_object o USING (vault, kind, name_key)
       WHERE v.vault = ?1 AND v.kind = ?2 AND v.name_key = ?3 AND v.ordinal >
         coalesce((SELECT ordinal FROM vault_version WHERE vault = ?1 AND kind = ?2 AND name_key = ?3 AND version = ?4), 0)
       ORDER BY v.ordinal LIMIT ?5`,
      key.vault,
      key.kind,
      key.name.toLowerCase(),
      page.after,
      page.top,
    );
    return rows.map(versionOfRow);
  }

  /** Marks an object deleted. `retention` in days, `settledAt` in seconds since 1970: until then it is being deleted. */
  remove(key: ObjectKey, { retention, settledAt }: { retention: number; settledAt: number }): void {
    const now = unixSeconds(this.#services.clock);
    const sql =
      "UPDATE vault_object SET deleted_at = ?, purge_at = ?, settled_at = ? WHERE vault = ? AND kind = ? AND name_key = ?";
    const [name, purgeAt] = [key.name.toLowerCase(), now + retention * DAY_SECONDS];
    this.#services.database.run(sql, now, purgeAt, settledAt, key.vault, key.kind, name);
    this.changed();
  }

  /** Recovers a deleted object. `settledAt`, in seconds since 1970: end of the recovery. */
  recover(key: ObjectKey, settledAt: number): void {
    const sql =
      "UPDATE vault_object SET deleted_at = NULL, purge_at = NULL, settled_at = ? WHERE vault = ? AND kind = ? AND name_key = ?";
    this.#services.database.run(sql, settledAt, key.vault, key.kind, key.name.toLowerCase());
    this.changed();
  }

  /** Removes an object with all of its versions for good. */
  purge(key: ObjectKey): void {
    const sql = "DELETE FROM vault_object WHERE vault = ? AND kind = ? AND name_key = ?";
    this.#services.database.run(sql, key.vault, key.kind, key.name.toLowerCase());
    this.changed();
  }

  /** Removes all that a vault holds, when the vault itself is purged. */
  purgeVault(vault: string): void {
    this.#services.database.run("DELETE FROM vault_object WHERE vault = ?", vault);
    this.changed();
  }
}
