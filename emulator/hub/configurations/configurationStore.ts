import type { Row } from "../../kernel/database";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { newIdentityEtag } from "../devices/identityStamp";
import type { ConfigurationContent } from "./configurationContent";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_configuration (
  hub TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  etag TEXT NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  PRIMARY KEY (hub, id)
);
CREATE TABLE IF NOT EXISTS hub_configuration_target (
  hub TEXT NOT NULL,
  device_id TEXT NOT NULL,
  module_id TEXT NOT NULL,
  id TEXT NOT NULL,
  etag TEXT NOT NULL,
  status TEXT NOT NULL,
  paths TEXT NOT NULL,
  PRIMARY KEY (hub, device_id, module_id, id),
  FOREIGN KEY (hub, device_id) REFERENCES hub_device (hub, device_id) ON DELETE CASCADE
);
DROP INDEX IF EXISTS hub_configuration_target_id;
CREATE INDEX IF NOT EXISTS hub_configuration_target_count ON hub_configuration_target (hub, id, status, module_id);
`;

/** What a client sets of a configuration. */
export interface ConfigurationDraft {
  readonly id: string;
  readonly schemaVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly content: ConfigurationContent;
  readonly targetCondition: string;
  readonly priority: number;
  /** Custom metrics: queries by name. */
  readonly queries: Readonly<Record<string, string>>;
}

/** An automatic device or module configuration, or an Edge deployment. */
export interface Configuration extends ConfigurationDraft {
  /** Base64 text, no quotation marks. */
  readonly etag: string;
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
}

/** How a configuration concerns a twin. */
export interface ConfigurationTarget {
  readonly id: string;
  /** Of the configuration as it was applied. */
  readonly etag: string;
  readonly status: "Targeted" | "Applied";
  /** The desired properties that it set. */
  readonly paths: readonly (readonly string[])[];
}

const configurationOf = (row: Row): Configuration => ({
  ...(JSON.parse(String(row.body)) as ConfigurationDraft),
  etag: String(row.etag),
  created: String(row.created),
  updated: String(row.updated),
});

const targetOf = (row: Row): ConfigurationTarget => ({
  id: String(row.id),
  etag: String(row.etag),
  status: row.status as ConfigurationTarget["status"],
  paths: JSON.parse(String(row.paths)),
});

const targetKey = (hub: string, { deviceId, moduleId = "" }: DeviceKey) => ({
  hub,
  device_id: deviceId,
  module_id: moduleId,
});

/** The configurations of all hubs, and the twins that they concern. `hub` is the directory record's key. */
export class ConfigurationStore {
  /** The configurations by hub, from strongest to weakest, until one of them changes: every change of a twin reads them. */
  readonly #known = new Map<string, readonly Configuration[]>();

  /** Requires the table of `IdentityStore`. */
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">) {
    deps.database.define(SCHEMA);
  }

  find(hub: string, id: string): Configuration | undefined {
    const row = this.deps.database.find("hub_configuration", { hub, id });
    return row && configurationOf(row);
  }

  /** Returns the configurations of a hub: the highest priority first, then the newest. */
  list(hub: string): readonly Configuration[] {
    let known = this.#known.get(hub);
    if (!known) {
      const sql = "SELECT * FROM hub_configuration WHERE hub = ? ORDER BY created DESC, id";
      known = this.deps.database
        .all(sql, hub)
        .map(configurationOf)
        .sort((one, other) => other.priority - one.priority);
      this.#known.set(hub, known);
    }
    return known;
  }

  /** The hubs that have configurations, or twins to which one was applied. */
  hubs(): string[] {
    const sql = "SELECT hub FROM hub_configuration UNION SELECT hub FROM hub_configuration_target";
    return this.deps.database.all(sql).map(({ hub }) => String(hub));
  }

  save(hub: string, draft: ConfigurationDraft): Configuration {
    const { database, clock, ids } = this.deps;
    const now = clock.now().toISOString();
    const changed = { body: JSON.stringify(draft), etag: newIdentityEtag(ids), updated: now };
    database.put("hub_configuration", { hub, id: draft.id, created: now, ...changed }, Object.keys(changed));
    this.changed();
    const saved = this.find(hub, draft.id);
    if (!saved) throw new Error(`the configuration ${draft.id} was not saved`);
    return saved;
  }

  remove(hub: string, id: string): void {
    this.deps.database.remove("hub_configuration", { hub, id });
    this.changed();
  }

  /** Forgets what is known of the table: after a rollback or a reset it may be wrong. */
  changed(): void {
    this.#known.clear();
  }

  /** Returns the configurations that concern a twin, by their IDs. */
  targets(hub: string, key: DeviceKey): ConfigurationTarget[] {
    const sql = "SELECT * FROM hub_configuration_target WHERE hub = ? AND device_id = ? AND module_id = ? ORDER BY id";
    return this.deps.database.all(sql, hub, key.deviceId, key.moduleId ?? "").map(targetOf);
  }

  setTargets(hub: string, key: DeviceKey, targets: readonly ConfigurationTarget[]): void {
    const { database } = this.deps;
    database.remove("hub_configuration_target", targetKey(hub, key));
    for (const { id, etag, status, paths } of targets) {
      database.put("hub_configuration_target", {
        ...targetKey(hub, key),
        id,
        etag,
        status,
        paths: JSON.stringify(paths),
      });
    }
  }

  /** The `configurations` of a twin as queries see them; undefined where none concerns it. */
  statuses(hub: string, key: DeviceKey): Readonly<Record<string, { readonly status: string }>> | undefined {
    const targets = this.targets(hub, key);
    if (targets.length === 0) return undefined;
    return Object.fromEntries(targets.map(({ id, status }) => [id, { status }]));
  }

  /** Counts the twins of devices, or of modules, that a configuration concerns, and those to which it is applied. */
  count(hub: string, id: string, of: "devices" | "modules"): { readonly targeted: number; readonly applied: number } {
    const sql = `SELECT count(*) AS targeted, count(*) FILTER (WHERE status = 'Applied') AS applied
      FROM hub_configuration_target WHERE hub = ? AND id = ? AND (module_id = '') = ?`;
    const row = this.deps.database.get(sql, hub, id, of === "devices" ? 1 : 0);
    return { targeted: Number(row?.targeted), applied: Number(row?.applied) };
  }
}
