import { nameKey } from "../../../azure/names";
import { sevenDigits } from "../../kernel/clock";
import type { Row } from "../../kernel/database";
import { newEtag } from "../../kernel/etag";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import {
  type Attestation,
  certificatesOf,
  type Enrollment,
  type EnrollmentDraft,
  type EnrollmentKind,
  type EnrollmentSettings,
  referencesOf,
} from "./enrollmentRecord";

const [ENROLLMENTS, SIGNERS] = ["dps_enrollment", "dps_group_signer"] as const;
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
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">) {
    deps.database.define(SCHEMA);
  }

  find(service: string, kind: EnrollmentKind, id: string): Enrollment | undefined {
    const row = this.deps.database.find(ENROLLMENTS, { service, kind, id_key: enrollmentKey(kind, id) });
    return row && enrollmentOf(row);
  }

  /** Returns enrollments in the order of their IDs, after the ID `after`. */
  list(service: string, kind: EnrollmentKind, top: number, after = ""): Enrollment[] {
    const sql = "SELECT * FROM dps_enrollment WHERE service = ? AND kind = ? AND id_key > ? ORDER BY id_key LIMIT ?";
    return this.deps.database.all(sql, service, kind, enrollmentKey(kind, after), top).map(enrollmentOf);
  }

  /** Returns the group of a signer (see {@link signerByThumbprint}, {@link signerByName}): one index look-up. */
  groupOfSigner(service: string, signer: string): Enrollment | undefined {
    const sql =
      "SELECT e.* FROM dps_group_signer s JOIN dps_enrollment e " +
      "ON e.service = s.service AND e.kind = 'group' AND e.id_key = s.group_key WHERE s.service = ? AND s.signer = ?";
    const row = this.deps.database.get(sql, service, signer);
    return row && enrollmentOf(row);
  }

  /** Returns the groups attested by symmetric keys, in the order of their IDs: at most 100 in Azure. */
  groupsByKey(service: string): Enrollment[] {
    const sql =
      "SELECT e.* FROM dps_enrollment e WHERE e.service = ?1 AND e.kind = 'group' AND e.id_key IN " +
      "(SELECT s.group_key FROM dps_group_signer s WHERE s.service = ?1 AND s.signer > 'key:' AND s.signer < 'key;') " +
      "ORDER BY e.id_key";
    return this.deps.database.all(sql, service).map(enrollmentOf);
  }

  /** Counts enrollments of a kind: a scan of the index, some 20 ms for a million. */
  count(service: string, kind: EnrollmentKind): number {
    const sql = "SELECT count(*) AS n FROM dps_enrollment WHERE service = ? AND kind = ?";
    return Number(this.deps.database.get(sql, service, kind)?.n);
  }

  /** Counts groups by attestation. */
  countGroups(service: string): { readonly x509: number; readonly symmetricKey: number } {
    const symmetricKey = this.groupsByKey(service).length;
    return { x509: this.count(service, "group") - symmetricKey, symmetricKey };
  }

  /** Returns another group than `id` with one of the attestation's signers. */
  conflict(service: string, id: string, attestation: Attestation): Enrollment | undefined {
    return signersOf(id, attestation)
      .map((signer) => this.groupOfSigner(service, signer))
      .find((group) => group !== undefined && enrollmentKey("group", group.id) !== enrollmentKey("group", id));
  }

  /** Creates or replaces an enrollment. Call it inside a transaction, after {@link conflict}. */
  save(service: string, kind: EnrollmentKind, id: string, draft: EnrollmentDraft): Enrollment {
    const { settings, attestation } = draft;
    const { database, clock, ids } = this.deps;
    const known = this.find(service, kind, id);
    const now = clock.now();
    const own = {
      id: known?.id ?? id,
      etag: newEtag(ids, now),
      created: known?.created ?? sevenDigits(now),
      updated: sevenDigits(now),
    };
    const key = enrollmentKey(kind, id);
    const stored = { settings: JSON.stringify(settings), attestation: JSON.stringify(attestation) };
    database.put(ENROLLMENTS, { service, kind, id_key: key, ...own, ...stored });
    if (kind === "group") {
      database.remove(SIGNERS, { service, group_key: key });
      for (const signer of new Set(signersOf(id, attestation))) {
        database.put(SIGNERS, { service, signer, group_key: key });
      }
    }
    return { kind, ...own, settings, attestation };
  }

  remove(service: string, kind: EnrollmentKind, id: string): void {
    const key = enrollmentKey(kind, id);
    this.deps.database.remove(ENROLLMENTS, { service, kind, id_key: key });
    if (kind === "group") this.deps.database.remove(SIGNERS, { service, group_key: key });
  }
}
