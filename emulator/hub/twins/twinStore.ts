import { isObject } from "../../../azure/wire/jsonObject";
import type { Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

export type TwinPart = "tags" | "desired" | "reported";
/** A JSON object of a twin: no `$metadata` and no `$version` in it. */
export type TwinSection = Readonly<Record<string, unknown>>;

/** A device's twin. */
export interface Twin {
  readonly tags: TwinSection;
  readonly desired: TwinSection;
  readonly reported: TwinSection;
  /** Starts at 1; incremented by each change of the section. */
  readonly desiredVersion: number;
  readonly reportedVersion: number;
  /** Starts at 1; incremented by each change. */
  readonly version: number;
  /** Base64, without quotation marks; changes with the version. */
  readonly etag: string;
  /** ISO 8601. */
  readonly updated: string;
}

const NEVER = "0001-01-01T00:00:00Z";

const twinOf = (row: Row): Twin => {
  const version = Number(row.twin_version);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(version, 4);
  return {
    tags: JSON.parse(String(row.tags)),
    desired: JSON.parse(String(row.desired)),
    reported: JSON.parse(String(row.reported)),
    desiredVersion: Number(row.desired_version),
    reportedVersion: Number(row.reported_version),
    version,
    etag: bytes.toString("base64"),
    updated: row.twin_updated === null ? NEVER : String(row.twin_updated),
  };
};

/** Applies a merge patch: objects merge, null removes, anything else replaces (Azure documentation, "Understand device twins"). */
export function mergeSection(section: TwinSection, patch: TwinSection): TwinSection {
  // By entries, so that `__proto__` is a name like any other.
  const merged = new Map(Object.entries(section));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else if (isObject(value)) {
      const before = merged.get(name);
      merged.set(name, mergeSection(isObject(before) ? before : {}, value));
    } else merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

/** The twins of all devices of all hubs, stored with their identities. `hub` is the directory record's key. */
export class TwinStore {
  /** Requires the table of `IdentityStore`. */
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.addColumns("hub_device", {
      reported: "TEXT NOT NULL DEFAULT '{}'",
      desired_version: "INTEGER NOT NULL DEFAULT 1",
      reported_version: "INTEGER NOT NULL DEFAULT 1",
      twin_version: "INTEGER NOT NULL DEFAULT 1",
      twin_updated: "TEXT",
    });
  }

  find(hub: string, deviceId: string): Twin | undefined {
    const row = this.deps.database.find("hub_device", { hub, device_id: deviceId });
    return row && twinOf(row);
  }

  /** Applies merge patches to sections. Undefined if there is no such device. Call it inside a transaction. */
  patch(hub: string, deviceId: string, patches: Readonly<Partial<Record<TwinPart, TwinSection>>>): Twin | undefined {
    const known = this.find(hub, deviceId);
    if (!known) return undefined;
    const merged = Object.entries(patches).map(([part, patch]) => [part, mergeSection(known[part as TwinPart], patch)]);
    return this.replace(hub, deviceId, Object.fromEntries(merged));
  }

  /** Replaces sections. Undefined if there is no such device. Call it inside a transaction. */
  replace(hub: string, deviceId: string, sections: Readonly<Partial<Record<TwinPart, TwinSection>>>): Twin | undefined {
    const text = (section: TwinSection | undefined): string | null =>
      section === undefined ? null : JSON.stringify(mergeSection({}, section));
    this.deps.database.run(
      `UPDATE hub_device SET tags = coalesce(?1, tags), desired = coalesce(?2, desired), reported = coalesce(?3, reported),
         desired_version = desired_version + (?2 IS NOT NULL), reported_version = reported_version + (?3 IS NOT NULL),
         twin_version = twin_version + 1, twin_updated = ?4 WHERE hub = ?5 AND device_id = ?6`,
      text(sections.tags),
      text(sections.desired),
      text(sections.reported),
      this.deps.clock.now().toISOString(),
      hub,
      deviceId,
    );
    return this.find(hub, deviceId);
  }
}
