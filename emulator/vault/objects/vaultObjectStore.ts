import type { JsonObject } from "../../../azure/wire/jsonObject";
import { DAY_SECONDS, unixSeconds } from "../../kernel/clock";
import type { Columns, Database } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { Sealer } from "../sealer";
import type { ObjectKind } from "../vaultPermissions";
import type { Attributes } from "./objectAttributes";
import {
  type ObjectChange,
  type ObjectDraft,
  type ObjectKey,
  type ObjectState,
  type ObjectVersion,
  VAULT_OBJECT_SCHEMA,
  versionOfRow,
} from "./objectVersion";

/** Maximum objects in the cache, which is valid until any object changes: each signature reads its key. */
const CACHE_LIMIT = 10_000;

const labelOf = ({ vault, kind, name }: ObjectKey, version: string): string =>
  [vault, kind, name.toLowerCase(), version].join("/");

const columnsOf = ({ vault, kind, name }: ObjectKey) => ({ vault, kind, name_key: name.toLowerCase() });

/**
 * The versioned, soft-deletable objects of all vaults: keys, secrets and certificates. Material is sealed. Callers check
 * conflicts and permissions. There are no background jobs: the next access removes an object after its scheduled purge
 * date.
 */
export class VaultObjectStore {
  readonly #cache = new Map<string, ObjectVersion | undefined>();
  /** Time of the next scheduled purge, in seconds since 1970; undefined if not read yet. */
  #nextPurge: number | undefined;

  constructor(
    private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">,
    private readonly sealer: Sealer,
  ) {
    deps.database.define(VAULT_OBJECT_SCHEMA);
  }

  /** Clears the cache: after a change, and after a reset of the database. */
  changed(): void {
    this.#cache.clear();
    this.#nextPurge = undefined;
  }

  #sweep(): void {
    const { database, clock } = this.deps;
    if (this.#nextPurge === undefined) {
      const row = database.get("SELECT min(purge_at) AS at FROM vault_object WHERE purge_at IS NOT NULL");
      this.#nextPurge = Number(row?.at ?? Number.POSITIVE_INFINITY);
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
    const sql = `SELECT v.*, o.name FROM vault_object o JOIN vault_version v USING (vault, kind, name_key)
      WHERE o.vault = ? AND o.kind = ? AND o.name_key = ? AND v.version = coalesce(?, o.current)`;
    const row = this.deps.database.get(sql, ...Object.values(columnsOf(key)), version ?? null);
    return row && versionOfRow(row);
  }

  /** Undefined when no object has the name. */
  state(key: ObjectKey): ObjectState | undefined {
    this.#sweep();
    const row = this.deps.database.find("vault_object", columnsOf(key));
    if (!row) return undefined;
    const settled = unixSeconds(this.deps.clock) >= Number(row.settled_at);
    if (row.deleted_at === null) return { state: settled ? "active" : "recovering" };
    const [deletedDate, scheduledPurgeDate] = [Number(row.deleted_at), Number(row.purge_at)];
    return { state: settled ? "deleted" : "deleting", deletedDate, scheduledPurgeDate };
  }

  /** Returns the material of a version. Throws if it has none, or if it was sealed with another key. */
  material(object: ObjectVersion): Buffer {
    const clear = object.sealed && this.sealer.open(object.sealed, labelOf(object, object.version));
    if (clear) return clear;
    throw new Error(
      `the material of ${object.kind} ${object.name} cannot be opened: vault-key is not the one it was sealed with`,
    );
  }

  /** Adds a version, which becomes the latest, to an object that is not deleted, made if it is not there. */
  add(key: ObjectKey, draft: ObjectDraft): ObjectVersion {
    const { database, ids, clock } = this.deps;
    const now = unixSeconds(clock);
    const version = draft.version ?? ids.hex(16);
    const attributes: Attributes = { enabled: true, ...draft.attributes, created: now, updated: now, ...draft.times };
    database.transaction(() => {
      database.put("vault_object", { ...columnsOf(key), name: key.name, current: version }, ["current"]);
      database.put("vault_version", {
        ...columnsOf(key),
        version,
        attributes: JSON.stringify(attributes),
        tags: JSON.stringify(draft.tags),
        managed: draft.managed ? 1 : 0,
        detail: JSON.stringify(draft.detail),
        sealed: draft.material && this.sealer.seal(draft.material, labelOf(key, version)),
      });
    });
    this.changed();
    const added = this.version(key, version);
    if (!added) throw new Error(`the version ${version} of ${key.kind} ${key.name} was not stored`);
    return added;
  }

  /** Updates a version in place; returns the new state. */
  update(object: ObjectVersion, change: ObjectChange): ObjectVersion {
    const attributes = { ...object.attributes, ...change.attributes, updated: unixSeconds(this.deps.clock) };
    const { tags = object.tags, detail = object.detail } = change;
    this.deps.database.change(
      "vault_version",
      { ...columnsOf(object), version: object.version },
      { attributes: JSON.stringify(attributes), tags: JSON.stringify(tags), detail: JSON.stringify(detail) },
    );
    this.changed();
    return { ...object, attributes, tags, detail };
  }

  /** Returns the data of an object across its versions, for example a rotation policy; empty by default. */
  about(key: ObjectKey): JsonObject {
    const row = this.deps.database.find("vault_object", columnsOf(key));
    return row ? (JSON.parse(String(row.about)) as JsonObject) : {};
  }

  setAbout(key: ObjectKey, about: JsonObject): void {
    this.#change(key, { about: JSON.stringify(about) });
  }

  /** The latest versions of a kind in the order of their names, after one name (lower case); deleted ones or the others. */
  list(vault: string, kind: ObjectKind, page: { deleted: boolean; after: string; top: number }): ObjectVersion[] {
    this.#sweep();
    const sql = `SELECT v.*, o.name FROM vault_object o
      JOIN vault_version v ON v.vault = o.vault AND v.kind = o.kind AND v.name_key = o.name_key AND v.version = o.current
      WHERE o.vault = ? AND o.kind = ? AND o.name_key > ? AND (o.deleted_at IS NOT NULL) = ? AND o.settled_at <= ?
      ORDER BY o.name_key LIMIT ?`;
    const [deleted, now] = [page.deleted ? 1 : 0, unixSeconds(this.deps.clock)];
    return this.deps.database.all(sql, vault, kind, page.after, deleted, now, page.top).map(versionOfRow);
  }

  /** Versions of an object, deleted or not, oldest first. `after` is a version id, empty at the first page. */
  versions(key: ObjectKey, page: { after: string; top: number }): ObjectVersion[] {
    const sql = `SELECT v.*, o.name FROM vault_version v JOIN vault_object o USING (vault, kind, name_key)
      WHERE v.vault = ?1 AND v.kind = ?2 AND v.name_key = ?3 AND v.ordinal >
        coalesce((SELECT ordinal FROM vault_version WHERE vault = ?1 AND kind = ?2 AND name_key = ?3 AND version = ?4), 0)
      ORDER BY v.ordinal LIMIT ?5`;
    return this.deps.database.all(sql, ...Object.values(columnsOf(key)), page.after, page.top).map(versionOfRow);
  }

  /** Marks an object deleted. `retention` in days, `settledAt` in seconds since 1970: until then it is being deleted. */
  remove(key: ObjectKey, { retention, settledAt }: { retention: number; settledAt: number }): void {
    const now = unixSeconds(this.deps.clock);
    this.#change(key, { deleted_at: now, purge_at: now + retention * DAY_SECONDS, settled_at: settledAt });
  }

  /** Recovers a deleted object. `settledAt`, in seconds since 1970: end of the recovery. */
  recover(key: ObjectKey, settledAt: number): void {
    this.#change(key, { deleted_at: null, purge_at: null, settled_at: settledAt });
  }

  #change(key: ObjectKey, columns: Columns): void {
    this.deps.database.change("vault_object", columnsOf(key), columns);
    this.changed();
  }

  /** Removes an object with all of its versions for good. */
  purge(key: ObjectKey): void {
    this.deps.database.remove("vault_object", columnsOf(key));
    this.changed();
  }

  /** Removes all that a vault holds, when the vault itself is purged. */
  purgeVault(vault: string): void {
    this.deps.database.remove("vault_object", { vault });
    this.changed();
  }
}

/** Whether `key` opens the material that a database stores, judged by the latest; true if it stores none. */
export function opensVaults(database: Database, key: Buffer): boolean {
  database.define(VAULT_OBJECT_SCHEMA);
  const row = database.get("SELECT * FROM vault_version WHERE sealed IS NOT NULL ORDER BY ordinal DESC LIMIT 1");
  if (row === undefined) return true;
  const stored = versionOfRow({ ...row, name: row.name_key ?? "" });
  return (
    stored.sealed === undefined || new Sealer(key).open(stored.sealed, labelOf(stored, stored.version)) !== undefined
  );
}
