import { nameKey } from "../../../azure/names";
import type { RegistrationStatus, RegistrationSubstatus } from "../../../azure/wire/dpsRegistration";
import { columnList, type Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import type { Enrollment } from "../enrollments/enrollmentRecord";

const TABLE = "dps_registration";
/** Columns that earlier versions do not have. */
const NEWER_COLUMNS = { attested_by: "TEXT", payload: "TEXT", authentication_key: "TEXT" };
const SCHEMA = `
CREATE TABLE IF NOT EXISTS dps_registration (
  service TEXT NOT NULL,
  id_key TEXT NOT NULL,
  id TEXT NOT NULL,
  group_key TEXT,
  group_id TEXT,
  status TEXT NOT NULL,
  substatus TEXT,
  device_id TEXT,
  hub TEXT,
  first_hub TEXT,
  error_code INTEGER,
  error_message TEXT,
  etag TEXT NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  ${columnList(NEWER_COLUMNS)},
  PRIMARY KEY (service, id_key)
);
CREATE INDEX IF NOT EXISTS dps_registration_group ON dps_registration (service, group_key, id_key);
`;

/** A device's registration record. */
export interface Registration {
  readonly id: string;
  /** How the device attested. */
  readonly attestedBy: "x509" | "symmetricKey" | "tpm";
  /** Absent for an individual enrollment. */
  readonly groupId?: string;
  readonly status: RegistrationStatus;
  readonly substatus?: RegistrationSubstatus;
  readonly deviceId?: string;
  /** Host name. */
  readonly hub?: string;
  /** The hub of the first assignment. */
  readonly firstHub?: string;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  /** The custom allocation webhook's payload for the device: any JSON. */
  readonly payload?: unknown;
  /** Imports the hub's key into the device's TPM. Base64. */
  readonly authenticationKey?: string;
  /** Base64 of a quoted string. */
  readonly etag: string;
  /** ISO 8601 with seven fraction digits. */
  readonly created: string;
  readonly updated: string;
}

const textIn = (row: Row, column: string): string | undefined => {
  const value = row[column];
  return value === null || value === undefined ? undefined : String(value);
};

const registrationOf = (row: Row): Registration => ({
  id: String(row.id),
  attestedBy: row.attested_by === "symmetricKey" || row.attested_by === "tpm" ? row.attested_by : "x509",
  groupId: textIn(row, "group_id"),
  status: String(row.status) as RegistrationStatus,
  substatus: textIn(row, "substatus") as RegistrationSubstatus | undefined,
  deviceId: textIn(row, "device_id"),
  hub: textIn(row, "hub"),
  firstHub: textIn(row, "first_hub"),
  errorCode: row.error_code === null ? undefined : Number(row.error_code),
  errorMessage: textIn(row, "error_message"),
  payload: row.payload === null ? undefined : JSON.parse(String(row.payload)),
  authenticationKey: textIn(row, "authentication_key"),
  etag: String(row.etag),
  created: String(row.created),
  updated: String(row.updated),
});

const keyOf = (id: string): string => nameKey("registrationId", id);

/** The registration records of all provisioning services. `service` is the directory record's key. */
export class RegistrationStore {
  constructor(private readonly deps: Pick<SharedDependencies, "database">) {
    deps.database.define(SCHEMA);
    deps.database.addColumns(TABLE, NEWER_COLUMNS);
  }

  find(service: string, id: string): Registration | undefined {
    const row = this.deps.database.find(TABLE, { service, id_key: keyOf(id) });
    return row && registrationOf(row);
  }

  /** The registration of an individual enrollment; a group has none of its own. */
  ofEnrollment(service: string, { kind, id }: Enrollment): Registration | undefined {
    return kind === "individual" ? this.find(service, id) : undefined;
  }

  /** A group's registrations in the order of their IDs, after the ID `after`. */
  listOfGroup(service: string, groupId: string, top: number, after = ""): Registration[] {
    const sql =
      "SELECT * FROM dps_registration WHERE service = ? AND group_key = ? AND id_key > ? ORDER BY id_key LIMIT ?";
    const group = nameKey("enrollmentGroupId", groupId);
    return this.deps.database.all(sql, service, group, keyOf(after), top).map(registrationOf);
  }

  save(service: string, registration: Registration): void {
    const { id, groupId, payload } = registration;
    this.deps.database.put(TABLE, {
      service,
      id_key: keyOf(id),
      id,
      group_key: groupId && nameKey("enrollmentGroupId", groupId),
      group_id: groupId,
      status: registration.status,
      substatus: registration.substatus,
      device_id: registration.deviceId,
      hub: registration.hub,
      first_hub: registration.firstHub,
      error_code: registration.errorCode,
      error_message: registration.errorMessage,
      etag: registration.etag,
      created: registration.created,
      updated: registration.updated,
      attested_by: registration.attestedBy,
      payload: JSON.stringify(payload),
      authentication_key: registration.authenticationKey,
    });
  }

  /** Counts all records, including those of deleted enrollments: a scan of the index. */
  count(service: string): number {
    return Number(this.deps.database.get("SELECT count(*) AS n FROM dps_registration WHERE service = ?", service)?.n);
  }

  remove(service: string, id: string): void {
    this.deps.database.remove(TABLE, { service, id_key: keyOf(id) });
  }
}
