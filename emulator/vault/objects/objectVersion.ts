import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Row } from "../../kernel/database";
import type { ObjectKind } from "../vaultPermissions";
import type { Attributes, RequestedAttributes, Tags } from "./objectAttributes";

/** The key of an object: vault (VaultRecord.key), kind and name, which is case-insensitive. */
export interface ObjectKey {
  readonly vault: string;
  readonly kind: ObjectKind;
  readonly name: string;
}

/** A version of an object. Immutable: after a change `find` returns another one. */
export interface ObjectVersion extends ObjectKey {
  /** 32 hexadecimal digits. */
  readonly version: string;
  readonly attributes: Attributes;
  readonly tags?: Tags;
  /** Made by the vault for a certificate of the same name. */
  readonly managed: boolean;
  /** The public part, for example a secret's content type or a public key. */
  readonly detail: JsonObject;
  /** The secret part, opened by `material`. */
  readonly sealed?: Buffer;
}

/** The properties of a new version. */
export interface ObjectDraft {
  readonly attributes?: RequestedAttributes;
  readonly tags?: Tags | undefined;
  readonly detail: JsonObject;
  /** Sealed before it is stored. */
  readonly material?: Buffer;
  readonly managed?: boolean;
  /** A version id to have (certificates share theirs with key and secret); otherwise a new one. */
  readonly version?: string;
  /** The original times of a restored version. */
  readonly times?: Pick<Attributes, "created" | "updated">;
}

/** Changes of a version: the whole of each. Absent: unchanged. */
export type ObjectChange = Partial<Pick<ObjectDraft, "attributes" | "tags" | "detail">>;

/** The state of an object. Times in whole seconds since 1970. */
export type ObjectState =
  | { readonly state: "active" | "recovering" }
  | { readonly state: "deleted" | "deleting"; readonly deletedDate: number; readonly scheduledPurgeDate: number };

/** The tables of objects and of their versions. */
export const VAULT_OBJECT_SCHEMA = `
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

/** A version out of its row in `vault_version`, with the name out of `vault_object`. */
export function versionOfRow(row: Row): ObjectVersion {
  return {
    vault: String(row.vault),
    kind: String(row.kind) as ObjectKind,
    name: String(row.name),
    version: String(row.version),
    attributes: JSON.parse(String(row.attributes)) as Attributes,
    tags: row.tags === null ? undefined : (JSON.parse(String(row.tags)) as Tags),
    managed: row.managed === 1,
    detail: JSON.parse(String(row.detail)) as JsonObject,
    sealed: row.sealed === null ? undefined : Buffer.from(row.sealed as Buffer),
  };
}
