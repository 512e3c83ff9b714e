import type { Database, Row } from "../../kernel/database";
import type { CaCertificateRecord } from "../../kernel/directory";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arm_certificates (
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

/** A CA certificate of a provisioning service, as it is stored. */
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

/** The CA certificates. `service` is the provisioning service's key; removing the service removes them. */
export class DpsCertificateStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(SCHEMA);
  }

  named(service: string, name: string): StoredCertificate | undefined {
    const sql = "SELECT * FROM arm_certificates WHERE service = ? AND name_key = ?";
    const row = this.#database.get(sql, service, name.toLowerCase());
    return row && read(row);
  }

  list(service: string): StoredCertificate[] {
    return this.#database.all("SELECT * FROM arm_certificates WHERE service = ? ORDER BY name_key", service).map(read);
  }

  put(service: string, certificate: StoredCertificate): void {
    this.#database.run(
      `INSERT OR REPLACE INTO arm_certificates
       (service, name_key, name, der, is_verified, created, updated, etag, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      service,
      certificate.name.toLowerCase(),
      certificate.name,
      certificate.der,
      certificate.isVerified ? 1 : 0,
      certificate.created,
      certificate.updated,
      certificate.etag,
      certificate.code ?? null,
    );
  }

  remove(service: string, name: string): void {
    this.#database.run("DELETE FROM arm_certificates WHERE service = ? AND name_key = ?", service, name.toLowerCase());
  }
}
