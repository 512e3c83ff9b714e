import { nameKey } from "../../../azure/names";
import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import { addColumns } from "../../kernel/addColumns";
import type { Clock } from "../../kernel/clock";
import type { Database } from "../../kernel/database";
import type { Ids } from "../../kernel/ids";
import type { Switches } from "../../kernel/sharedDependencies";

/** Retry-After in seconds: Azure's documented 3 with real delays, else 0. */
export const retryAfter = ({ switches }: { readonly switches: Switches }): string => (switches.realDelays ? "3" : "0");

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dps_operation (
  id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  registration_key TEXT NOT NULL,
  thumbprint TEXT NOT NULL,
  state TEXT NOT NULL,
  created INTEGER NOT NULL,
  ready INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS dps_operation_created ON dps_operation (created);
`;

/** How long the outcome of a registration is available. */
const KEPT_MS = 3600 * 1000;
/** Number of new operations between two sweeps of old ones. */
const SWEEP_EVERY = 32;

/** Ready time of an operation without an outcome. */
const NEVER = Number.MAX_SAFE_INTEGER;
/** Ready time of an operation without a delay: moving the clock back does not withdraw its outcome. */
const ALWAYS = 0;

/** A pending or completed register operation. */
export interface PendingRegistration {
  /** `5.<16 hexadecimal digits>.<guid>` */
  readonly id: string;
  /** Who started it and may poll it: SHA-256 of the certificate, or `key` for the device's symmetric key. */
  readonly beganBy: string;
  /** The outcome. */
  readonly state: RegistrationState;
  /** Whether the outcome is available. */
  readonly isReady: boolean;
  /** Set while the operation waits for a webhook: the device's payload. */
  readonly awaits?: { readonly payload: unknown };
}

/** The register operations of all provisioning services; old ones are deleted. */
export class OperationStore {
  readonly #store: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  #sinceSweep = SWEEP_EVERY;

  constructor({ database, clock, ids }: { readonly database: Database; readonly clock: Clock; readonly ids: Ids }) {
    this.#store = database;
    this.#clock = clock;
    this.#ids = ids;
    database.define(SCHEMA);
    addColumns(database, "dps_operation", { payload: "TEXT" });
  }

  /** Stores an outcome that is available after `delayMs`; returns the operation's ID. */
  begin(service: string, beganBy: string, state: RegistrationState, delayMs: number): string {
    const id = `5.${this.#ids.hex(8)}.${this.#ids.guid()}`;
    const now = this.#clock.now().getTime();
    this.#store.run(
      "INSERT INTO dps_operation (id, service, registration_key, thumbprint, state, created, ready) VALUES (?, ?, ?, ?, ?, ?, ?)",
      id,
      service,
      nameKey("registrationId", state.registrationId),
      beganBy,
      JSON.stringify(state),
      now,
      delayMs > 0 ? now + delayMs : ALWAYS,
    );
    this.#sinceSweep += 1;
    if (this.#sinceSweep >= SWEEP_EVERY) {
      this.#sinceSweep = 0;
      this.#store.run("DELETE FROM dps_operation WHERE created < ?", now - KEPT_MS);
    }
    return id;
  }

  /** Stores an operation without an outcome; see {@link OperationStore.finish}. `payload`: any JSON, or undefined. */
  await(service: string, beganBy: string, registrationId: string, payload: unknown): string {
    const id = this.begin(service, beganBy, { registrationId, status: "assigning" }, 0);
    const sent = payload === undefined ? null : JSON.stringify(payload);
    this.#store.run("UPDATE dps_operation SET ready = ?, payload = ? WHERE id = ?", NEVER, sent, id);
    return id;
  }

  /** Stores the outcome of a pending operation. */
  finish(id: string, state: RegistrationState): void {
    const text = JSON.stringify(state);
    this.#store.run("UPDATE dps_operation SET ready = ?, state = ?, payload = NULL WHERE id = ?", ALWAYS, text, id);
  }

  find(service: string, registrationId: string, id: string): PendingRegistration | undefined {
    const row = this.#store.get(
      "SELECT * FROM dps_operation WHERE id = ? AND service = ? AND registration_key = ?",
      id,
      service,
      nameKey("registrationId", registrationId),
    );
    return (
      row && {
        id,
        beganBy: String(row.thumbprint),
        state: JSON.parse(String(row.state)),
        isReady: Number(row.ready) <= this.#clock.now().getTime(),
        ...(Number(row.ready) === NEVER
          ? { awaits: { payload: row.payload === null ? undefined : JSON.parse(String(row.payload)) } }
          : {}),
      }
    );
  }

  /** Removes all rows of a deleted service. */
  removeAll(service: string): void {
    this.#store.run("DELETE FROM dps_operation WHERE service = ?", service);
  }
}
