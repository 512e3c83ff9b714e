import { nameKey } from "../../../azure/names";
import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import { type Columns, columnList } from "../../kernel/database";
import type { SharedDependencies, Switches } from "../../kernel/sharedDependencies";

/** Retry-After in seconds: Azure's documented 3 with real delays, else 0. */
export const retryAfter = ({ switches }: { readonly switches: Switches }): string => (switches.realDelays ? "3" : "0");

const TABLE = "dps_operation";
/** Columns that earlier versions do not have. */
const NEWER_COLUMNS = { payload: "TEXT" };
const SCHEMA = `
CREATE TABLE IF NOT EXISTS dps_operation (
  id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  registration_key TEXT NOT NULL,
  thumbprint TEXT NOT NULL,
  state TEXT NOT NULL,
  created INTEGER NOT NULL,
  ready INTEGER NOT NULL,
  ${columnList(NEWER_COLUMNS)}
);
CREATE INDEX IF NOT EXISTS dps_operation_created ON dps_operation (created);
`;

const keyOf = (registrationId: string): string => nameKey("registrationId", registrationId);

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
  #sinceSweep = SWEEP_EVERY;

  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">) {
    deps.database.define(SCHEMA);
    deps.database.addColumns(TABLE, NEWER_COLUMNS);
  }

  #now(): number {
    return this.deps.clock.now().getTime();
  }

  /** Stores an outcome that is available after `delayMs`; returns the operation's ID. */
  begin(service: string, beganBy: string, state: RegistrationState, delayMs: number): string {
    return this.#add(service, beganBy, state, { ready: delayMs > 0 ? this.#now() + delayMs : ALWAYS });
  }

  /** Stores an operation without an outcome; see {@link OperationStore.finish}. `payload`: any JSON, or undefined. */
  await(service: string, beganBy: string, registrationId: string, payload: unknown): string {
    const state = { registrationId, status: "assigning" } as const;
    return this.#add(service, beganBy, state, { ready: NEVER, payload: JSON.stringify(payload) });
  }

  #add(service: string, beganBy: string, state: RegistrationState, more: Columns): string {
    const { database, ids } = this.deps;
    const id = `5.${ids.hex(8)}.${ids.guid()}`;
    const created = this.#now();
    const columns = {
      registration_key: keyOf(state.registrationId),
      thumbprint: beganBy,
      state: JSON.stringify(state),
    };
    database.put(TABLE, { id, service, ...columns, created, ...more });
    this.#sinceSweep += 1;
    if (this.#sinceSweep >= SWEEP_EVERY) {
      this.#sinceSweep = 0;
      database.run("DELETE FROM dps_operation WHERE created < ?", created - KEPT_MS);
    }
    return id;
  }

  /** Stores the outcome of a pending operation. */
  finish(id: string, state: RegistrationState): void {
    this.deps.database.change(TABLE, { id }, { ready: ALWAYS, state: JSON.stringify(state), payload: undefined });
  }

  find(service: string, registrationId: string, id: string): PendingRegistration | undefined {
    const row = this.deps.database.find(TABLE, { id, service, registration_key: keyOf(registrationId) });
    if (!row) return undefined;
    const payload = row.payload === null ? undefined : JSON.parse(String(row.payload));
    return {
      id,
      beganBy: String(row.thumbprint),
      state: JSON.parse(String(row.state)),
      isReady: Number(row.ready) <= this.#now(),
      awaits: Number(row.ready) === NEVER ? { payload } : undefined,
    };
  }
}
