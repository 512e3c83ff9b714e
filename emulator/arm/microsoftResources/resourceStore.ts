import { formatResourceId } from "../../../azure/resourceIds";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Database, Row } from "../../kernel/database";
import type { SharedAccessPolicy } from "../../kernel/directory";
import type { Ids } from "../../kernel/ids";

const TABLE = "arm_resources";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  key TEXT PRIMARY KEY,
  type_key TEXT NOT NULL,
  name_key TEXT NOT NULL,
  group_key TEXT NOT NULL,
  scope TEXT UNIQUE,
  gone_at INTEGER,
  data TEXT NOT NULL,
  UNIQUE (type_key, name_key)
);
CREATE INDEX IF NOT EXISTS arm_resources_group ON arm_resources (group_key);
`;

/** The `identity` of a resource. Identities stored by earlier releases have no principal. */
export interface StoredIdentity {
  readonly type: "None" | "SystemAssigned" | "UserAssigned" | "SystemAssigned, UserAssigned";
  /** Object ID and client ID of the system-assigned identity. */
  readonly principalId?: string;
  readonly clientId?: string;
  /** By the IDs of the user-assigned identities, as the client sent them. */
  readonly userAssignedIdentities?: Readonly<Record<string, JsonObject>>;
}

/** A private endpoint connection. */
export interface StoredConnection {
  readonly name: string;
  readonly properties: JsonObject;
}

/** A change of a resource. */
export interface Change {
  /** The application's client ID. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A tracked resource: the values that the client requested and those that the service assigned. */
export interface Resource {
  /** Never used twice. */
  readonly key: string;
  /** For example `Microsoft.Devices/IotHubs`. */
  readonly type: string;
  readonly name: string;
  /** The resource group's name as it was created. */
  readonly group: string;
  /** For example `westeurope`. */
  readonly location: string;
  /** As the client wrote it, where the provider returns it so: `West Europe`. */
  readonly writtenLocation?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly sku: JsonObject;
  readonly identity?: StoredIdentity;
  readonly etag: string;
  readonly privateEndpointConnections?: readonly StoredConnection[];
  /** Whether a hub runs in its paired region, after a failover. */
  readonly isFailedOver?: boolean;
  readonly properties: JsonObject;
  readonly policies: readonly SharedAccessPolicy[];
  /** A unique value that the service chose: DPS's ID scope; of a storage account, the ID of the operation that created it. */
  readonly scope?: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Vaults only: who created it. Absent in states of earlier releases. */
  readonly createdBy?: string;
  /** Vaults only. */
  readonly changed?: Change;
  /** Milliseconds since 1970, 0 for at once: until then the resource is being activated. */
  readonly readyAt: number;
  /** Set while it is being deleted: when it is gone. */
  readonly goneAt?: number;
}

/** A resource's ARM ID in Azure's letter case. */
export function armIdOf({ type, group, name }: Resource, subscriptionId: string): string {
  const [namespace = "", lastType = ""] = type.split("/");
  return formatResourceId({ subscriptionId, resourceGroup: group, namespace, types: [lastType], names: [name] });
}

/** What ARM returns of every resource. */
export const commonBody = (resource: Resource, subscriptionId: string): JsonObject => ({
  id: armIdOf(resource, subscriptionId),
  name: resource.name,
  type: resource.type,
  location: resource.writtenLocation ?? resource.location,
  tags: resource.tags,
});

/** A new ETag as Microsoft.Devices writes them: eight bytes, the first three zero, as base64. */
export const newEtag = ({ ids }: { readonly ids: Ids }): string =>
  Buffer.from(`000000${ids.hex(5)}`, "hex").toString("base64");

const read = (row: Row): Resource => JSON.parse(String(row.data)) as Resource;
const lower = (text: string): string => text.toLowerCase();

/** Types with names that are unique in their group only, in lower case. */
const NAMED_BY_GROUP = [
  "microsoft.managedidentity/userassignedidentities",
  "microsoft.app/managedenvironments",
  "microsoft.app/containerapps",
  "microsoft.app/jobs",
];

const nameKey = (type: string, name: string, group: string): string =>
  lower(NAMED_BY_GROUP.includes(lower(type)) ? `${group}/${name}` : name);

/** The resources. Names are unique in the local Azure, as names of hubs, provisioning services and vaults are in Azure. */
export class ResourceStore {
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  /** `group`: for types with names that are unique in their group only. */
  named(type: string, name: string, group = ""): Resource | undefined {
    const row = this.database.find(TABLE, { type_key: lower(type), name_key: nameKey(type, name, group) });
    return row && read(row);
  }

  scoped(scope: string): Resource | undefined {
    const row = this.database.find(TABLE, { scope });
    return row && read(row);
  }

  /** All of them, in the order of their names; of one group or one type where those are given. */
  list(filter: { readonly group?: string; readonly type?: string }): Resource[] {
    const rows = this.database.all(
      `SELECT data FROM arm_resources WHERE (?1 = '' OR group_key = ?1) AND (?2 = '' OR type_key = ?2)
       ORDER BY type_key, name_key`,
      lower(filter.group ?? ""),
      lower(filter.type ?? ""),
    );
    return rows.map(read);
  }

  /** The resources due for removal, by a clock in milliseconds since 1970. */
  due(now: number): Resource[] {
    return this.database.all("SELECT data FROM arm_resources WHERE gone_at <= ?", now).map(read);
  }

  put(resource: Resource): void {
    const { key, type, name, group, scope, goneAt } = resource;
    const keys = { key, type_key: lower(type), name_key: nameKey(type, name, group), group_key: lower(group), scope };
    const row = { ...keys, gone_at: goneAt, data: JSON.stringify(resource) };
    // A replaced row would take the certificates and consumer groups with it.
    this.database.put(TABLE, row, ["gone_at", "data"]);
  }

  remove(key: string): void {
    this.database.remove(TABLE, { key });
  }
}
