import { nameKey } from "../../../azure/names";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

const TABLE = "dps_tpm_challenge";
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
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.define(SCHEMA);
  }

  find(service: string, registrationId: string): TpmChallenge | undefined {
    const { database, clock } = this.deps;
    const row = database.find(TABLE, { service, registration_key: nameKey("registrationId", registrationId) });
    if (!row || Number(row.created) <= clock.now().getTime() - KEPT_MS) return undefined;
    return {
      sessionKey: String(row.session_key),
      endorsementKey: String(row.endorsement_key),
      storageRootKey: String(row.storage_root_key),
    };
  }

  save(service: string, registrationId: string, challenge: TpmChallenge): void {
    this.deps.database.put(TABLE, {
      service,
      registration_key: nameKey("registrationId", registrationId),
      session_key: challenge.sessionKey,
      endorsement_key: challenge.endorsementKey,
      storage_root_key: challenge.storageRootKey,
      created: this.deps.clock.now().getTime(),
    });
  }
}
