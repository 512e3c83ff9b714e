import { nameKey } from "../../../azure/names";
import type { Clock } from "../../kernel/clock";
import type { Database } from "../../kernel/database";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dps_tpm_challenge (
  service TEXT NOT NULL,
  registration_key TEXT NOT NULL,
  session_key TEXT NOT NULL,
  endorsement_key TEXT NOT NULL,
  storage_root_key TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (service, registration_key)
);
`;

/** Lifetime of a challenge: that of the clients' signatures. */
const KEPT_MS = 3600 * 1000;

/** A key sent to a TPM, which has to sign with it. All base64. */
export interface TpmChallenge {
  readonly sessionKey: string;
  readonly endorsementKey: string;
  readonly storageRootKey: string;
}

/** The last challenge of each device, valid for an hour. `service` is the directory record's key. */
export class TpmChallengeStore {
  readonly #store: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: { readonly database: Database; readonly clock: Clock }) {
    this.#store = database;
    this.#clock = clock;
    database.define(SCHEMA);
  }

  find(service: string, registrationId: string): TpmChallenge | undefined {
    const row = this.#store.get(
      "SELECT * FROM dps_tpm_challenge WHERE service = ? AND registration_key = ? AND created > ?",
      service,
      nameKey("registrationId", registrationId),
      this.#clock.now().getTime() - KEPT_MS,
    );
    return (
      row && {
        sessionKey: String(row.session_key),
        endorsementKey: String(row.endorsement_key),
        storageRootKey: String(row.storage_root_key),
      }
    );
  }

  save(service: string, registrationId: string, challenge: TpmChallenge): void {
    this.#store.run(
      "INSERT OR REPLACE INTO dps_tpm_challenge (service, registration_key, session_key, endorsement_key, " +
        "storage_root_key, created) VALUES (?, ?, ?, ?, ?, ?)",
      service,
      nameKey("registrationId", registrationId),
      challenge.sessionKey,
      challenge.endorsementKey,
      challenge.storageRootKey,
      this.#clock.now().getTime(),
    );
  }

  /** Removes all rows of a deleted service. */
  removeAll(service: string): void {
    this.#store.run("DELETE FROM dps_tpm_challenge WHERE service = ?", service);
  }
}
