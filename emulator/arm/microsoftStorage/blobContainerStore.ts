import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Database, Row } from "../../kernel/database";

const TABLE = "arm_blob_containers";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  account TEXT NOT NULL REFERENCES arm_resources (key) ON DELETE CASCADE,
  name TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (account, name)
);
`;

/** The immutability policy of a container. */
export interface StoredImmutabilityPolicy {
  /** Without quotation marks. */
  readonly etag: string;
  readonly days: number;
  readonly isLocked: boolean;
  readonly allowProtectedAppendWrites?: boolean;
  readonly allowProtectedAppendWritesAll?: boolean;
  readonly updateHistory: readonly JsonObject[];
}

/** A container of a storage account, as Resource Manager knows it. */
export interface BlobContainer {
  readonly name: string;
  /** Without quotation marks. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** The properties of the client. */
  readonly properties: JsonObject;
  readonly policy?: StoredImmutabilityPolicy;
}

const read = (row: Row): BlobContainer => JSON.parse(String(row.data)) as BlobContainer;

/** The containers of storage accounts. `account` is the account's key; removing the account removes them. */
export class BlobContainerStore {
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  named(account: string, name: string): BlobContainer | undefined {
    const row = this.database.find(TABLE, { account, name });
    return row && read(row);
  }

  list(account: string): BlobContainer[] {
    return this.database.all(`SELECT data FROM ${TABLE} WHERE account = ? ORDER BY name`, account).map(read);
  }

  put(account: string, container: BlobContainer): void {
    this.database.put(TABLE, { account, name: container.name, data: JSON.stringify(container) }, ["data"]);
  }

  remove(account: string, name: string): void {
    this.database.remove(TABLE, { account, name });
  }
}
