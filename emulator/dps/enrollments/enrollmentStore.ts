import { nameKey } from "../../../azure/names";
import { type Clock, secondsOf } from "../../kernel/clock";
import type { Database, Row } from "../../kernel/database";
import type { Ids } from "../../kernel/ids";
import {
  type Attestation,
  certificatesOf,
  type Enrollment,
  type EnrollmentKind,
  type EnrollmentSettings,
  referencesOf,
} from "./enrollmentRecord";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dps_enrollment (
  service TEXT NOT NULL,
  kind TEXT NOT NULL,
  id_key TEXT NOT NULL,
  id TEXT NOT NULL,
  etag TEXT NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  settings TEXT NOT NULL,
  attestation TEXT NOT NULL,
  PRIMARY KEY (service, kind, id_key)
);
CREATE TABLE IF NOT EXISTS dps_group_signer (
  service TEXT NOT NULL,
  signer TEXT NOT NULL,
  group_key TEXT NOT NULL,
  PRIMARY KEY (service, signer)
);
CREATE INDEX IF NOT EXISTS dps_group_signer_group ON dps_group_signer (service, group_key);
`;

/** Returns the key of an enrollment or group ID, which are case-insensitive. */
export const enrollmentKey = (kind: EnrollmentKind, id: string): string =>
  nameKey(kind === "group" ? "enrollmentGroupId" : "registrationId", id);

/** The index entry of a signing certificate, by SHA-256 thumbprint. */
export const signerByThumbprint = (sha256Thumbprint: string): string => `sha256:${sha256Thumbprint.toUpperCase()}`;
/** The index entry of a CA reference. */
export const signerByName = (certificate: string): string => `name:${nameKey("dpsCertificate", certificate)}`;

/** The index entry of a group attested by symmetric keys; the range of them all is `key:` to `key;`. */
const signerByKey = (id: string): string => `key:${enrollmentKey("group", id)}`;

const enrollmentOf = (row: Row): Enrollment => ({
  kind: row.kind === "group" ? "group" : "individual",
  id: String(row.id),
  etag: String(row.etag),
  created: String(row.created),
  updated: String(row.updated),
  settings: JSON.parse(String(row.settings)) as EnrollmentSettings,
  attestation: JSON.parse(String(row.attestation)) as Attestation,
});

const signersOf = (id: string, attestation: Attestation): string[] => [
  ...certificatesOf(attestation).map(({ info }) => signerByThumbprint(info.sha256Thumbprint)),
  ...referencesOf(attestation).map(signerByName),
  ...(attestation.by === "symmetricKey" ? [signerByKey(id)] : []),
];

/** The enrollments of all provisioning services. `service` is the directory record's key. */
export class EnrollmentStore {
  readonly #store: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor({ database, clock, ids }: { readonly database: Database; readonly clock: Clock; readonly ids: Ids }) {
    this.#store = database;
    this.#clock = clock;
    this.#ids = ids;
    database.define(SCHEMA);
  }

  find(service: string, kind: EnrollmentKind, id: string): Enrollment | undefined {
    const sql = "SELECT * FROM dps_enrollment WHERE service = ? AND kind = ? AND id_key = ?";
    const row = this.#store.get(sql, service, kind, enrollmentKey(kind, id));
    return row && enrollmentOf(row);
  }

  /** Returns enrollments in the order of their IDs, after the ID `after`. */
  list(service: string, kind: EnrollmentKind, top: number, after = ""): Enrollment[] {
    const sql = "SELECT * FROM dps_enrollment WHERE service = ? AND kind = ? AND id_key > ? ORDER BY id_key LIMIT ?";
    return this.#store.all(sql, service, kind, enrollmentKey(kind, after), top).map(enrollmentOf);
  }

  /** Returns the group of a signer (see {@link signerByThumbprint}, {@link signerByName}): one index look-up. */
  groupOfSigner(service: string, signer: string): Enrollment | undefined {
    const sql =
      "SELECT e.* FROM dps_group_signer s JOIN dps_enrollment e " +
      "ON e.service = s.service AND e.kind = 'group' AND e.id_key = s.group_key WHERE s.service = ? AND s.signer = ?";
    const row = this.#store.get(sql, service, signer);
    return row && enrollmentOf(row);
  }

  /** Returns the groups attested by symmetric keys, in the order of their IDs: at most 100 in Azure. */
  groupsByKey(service: string): Enrollment[] {
    const sql =
      "SELECT e.* FROM dps_enrollment e WHERE e.service = ?1 AND e.kind = 'group' AND e.id_key IN " +
      "(SELECT s.group_key FROM dps_group_signer s WHERE s.service = ?1 AND s.signer > 'key:' AND s.signer < 'key;') " +
      "ORDER BY e.id_key";
    return this.#store.all(sql, service).map(enrollmentOf);
  }

  /** Counts individual enrollments: a scan of the index, some 20 ms for a million. */
  countIndividuals(service: string): number {
    const sql = "SELECT count(*) AS n FROM dps_enrollment WHERE service = ? AND kind = 'individual'";
    return Number(this.#store.get(sql, service)?.n);
  }

  /** Counts groups by attestation. */
  countGroups(service: string): { readonly x509: number; readonly symmetricKey: number } {
    const count = (sql: string): number => Number(this.#store.get(sql, service)?.n);
    const all = count("SELECT count(*) AS n FROM dps_enrollment WHERE service = ? AND kind = 'group'");
    const symmetricKey = count(
      "SELECT count(*) AS n FROM dps_group_signer WHERE service = ? AND signer > 'key:' AND signer < 'key;'",
    );
    return { x509: all - symmetricKey, symmetricKey };
  }

  /** Returns another group than `id` with one of the attestation's signers. */
  conflict(service: string, id: string, attestation: Attestation): Enrollment | undefined {
    return signersOf(id, attestation)
      .map((signer) => this.groupOfSigner(service, signer))
      .find((group) => group !== undefined && enrollmentKey("group", group.id) !== enrollmentKey("group", id));
  }

  /** Creates or replaces an enrollment. Call it inside a transaction, after {@link conflict}. */
  save(
    service: string,
    kind: EnrollmentKind,
    id: string,
    settings: EnrollmentSettings,
    attestation: Attestation,
  ): Enrollment {
    const known = this.find(service, kind, id);
    const now = this.#clock.now();
    const enrollment: Enrollment = {
      kind,
      id: known?.id ?? id,
      etag: `"${this.#ids.hex(4)}-0000-0300-0000-${secondsOf(now).toString(16)}0000"`,
      created: known?.created ?? now.toISOString(),
      updated: now.toISOString(),
      settings,
      attestation,
    };
    const key = enrollmentKey(kind, id);
    this.#store.run(
      "INSERT OR REPLACE INTO dps_enrollment (service, kind, id_key, id, etag, created, updated, settings, attestation) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      service,
      kind,
      key,
      enrollment.id,
      enrollment.etag,
      enrollment.created,
      enrollment.updated,
      JSON.stringify(settings),
      JSON.stringify(attestation),
    );
    if (kind === "group") {
      this.#store.run("DELETE FROM dps_group_signer WHERE service = ? AND group_key = ?", service, key);
      for (const signer of new Set(signersOf(id, attestation))) {
        this.#store.run(
          "INSERT INTO dps_group_signer (service, signer, group_key) VALUES (?, ?, ?)",
          service,
          signer,
          key,
        );
      }
    }
    return enrollment;
  }

  remove(service: string, kind: EnrollmentKind, id: string): void {
    const key = enrollmentKey(kind, id);
    this.#store.run("DELETE FROM dps_enrollment WHERE service = ? AND kind = ? AND id_key = ?", service, kind, key);
    if (kind === "group") {
      this.#store.run("DELETE FROM dps_group_signer WHERE service = ? AND group_key = ?", service, key);
    }
  }

  /** Removes all rows of a deleted service. */
  removeAll(service: string): void {
    this.#store.run("DELETE FROM dps_enrollment WHERE service = ?", service);
    this.#store.run("DELETE FROM dps_group_signer WHERE service = ?", service);
  }
}
