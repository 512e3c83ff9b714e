import type { Database, Row } from "../../kernel/database";
import type { CaCertificateRecord } from "../../kernel/directory";

const TABLE = "arm_certificates";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  service TEXT NOT NULL REFERENCES arm_resources (key) ON DELETE CASCADE,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  der BLOB NOT NULL,
  is_verified INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  etag TEXT NOT NULL,
  code TEXT,
  PRIMARY KEY (service, name_key)
);
`;

/** A CA certificate of a hub or a provisioning service, as it is stored. */
export interface StoredCertificate extends CaCertificateRecord {
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly updated: number;
  readonly etag: string;
  /** The verification code that a leaf must carry; from its generation until it is used. */
  readonly code?: string;
}

const read = (row: Row): StoredCertificate => ({
  name: String(row.name),
  der: Buffer.from(row.der as Buffer),
  isVerified: row.is_verified === 1,
  created: Number(row.created),
  updated: Number(row.updated),
  etag: String(row.etag),
  ...(typeof row.code === "string" ? { code: row.code } : {}),
});

/** The CA certificates. `service` is the key of the hub or the provisioning service; removing it removes them. */
export class CaCertificateStore {
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  named(service: string, name: string): StoredCertificate | undefined {
    const row = this.database.find(TABLE, { service, name_key: name.toLowerCase() });
    return row && read(row);
  }

  list(service: string): StoredCertificate[] {
    return this.database.all("SELECT * FROM arm_certificates WHERE service = ? ORDER BY name_key", service).map(read);
  }

  put(service: string, { name, der, isVerified, created, updated, etag, code }: StoredCertificate): void {
    const row = { service, name_key: name.toLowerCase(), name, der, is_verified: isVerified ? 1 : 0 };
    this.database.put(TABLE, { ...row, created, updated, etag, code });
  }

  remove(service: string, name: string): void {
    this.database.remove(TABLE, { service, name_key: name.toLowerCase() });
  }
}
