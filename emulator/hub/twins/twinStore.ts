import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { newMetadata, patchMetadata } from "./twinMetadata";

export type TwinPart = "tags" | "desired" | "reported";
/** A JSON object of a twin: no `$metadata` and no `$version` in it. */
export type TwinSection = Readonly<Record<string, unknown>>;

type Sections = Readonly<Partial<Record<TwinPart, TwinSection>>>;

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
  /** `$metadata`: when the section and each property in it was changed. */
  readonly desiredMetadata: JsonObject;
  readonly reportedMetadata: JsonObject;
}

const NEVER = "0001-01-01T00:00:00Z";

const twinOf = (row: Row): Twin => {
  const version = Number(row.twin_version);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(version, 4);
  // A section that nobody has changed, or that is of an older state, has no metadata of its own.
  const $lastUpdated = row.twin_updated === null ? NEVER : String(row.twin_updated);
  const metadataOf = (stored: unknown, section: TwinSection): JsonObject =>
    typeof stored === "string" ? JSON.parse(stored) : newMetadata(section, { $lastUpdated });
  const [desired, reported] = [JSON.parse(String(row.desired)), JSON.parse(String(row.reported))];
  return {
    tags: JSON.parse(String(row.tags)),
    desired,
    reported,
    desiredMetadata: metadataOf(row.desired_metadata, desired),
    reportedMetadata: metadataOf(row.reported_metadata, reported),
    desiredVersion: Number(row.desired_version),
    reportedVersion: Number(row.reported_version),
    version,
    etag: bytes.toString("base64"),
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
      desired_metadata: "TEXT",
      reported_metadata: "TEXT",
    });
  }

  find(hub: string, deviceId: string): Twin | undefined {
    const row = this.deps.database.find("hub_device", { hub, device_id: deviceId });
    return row && twinOf(row);
  }

  /** Applies merge patches to sections. Undefined if there is no such device. Call it inside a transaction. */
  patch(hub: string, deviceId: string, patches: Sections): Twin | undefined {
    return this.#change(hub, deviceId, patches, mergeSection, patchMetadata);
  }

  /** Replaces sections. Undefined if there is no such device. Call it inside a transaction. */
  replace(hub: string, deviceId: string, sections: Sections): Twin | undefined {
    const merge = (_: TwinSection, section: TwinSection) => mergeSection({}, section);
    return this.#change(hub, deviceId, sections, merge, (_, section, stamp) => newMetadata(section, stamp));
  }

  #change(
    hub: string,
    deviceId: string,
    { tags, desired, reported }: Sections,
    merge: typeof mergeSection,
    metadata: typeof patchMetadata,
  ): Twin | undefined {
    const known = this.find(hub, deviceId);
    if (!known) return undefined;
    const $lastUpdated = this.deps.clock.now().toISOString();
    const $lastUpdatedVersion = known.desiredVersion + 1;
    const stamp = { $lastUpdated, $lastUpdatedVersion };
    const columns = {
      ...(tags && { tags: merge(known.tags, tags) }),
      ...(desired && {
        desired: merge(known.desired, desired),
        desired_metadata: metadata(known.desiredMetadata, desired, stamp),
        desired_version: $lastUpdatedVersion,
      }),
      ...(reported && {
        reported: merge(known.reported, reported),
        reported_metadata: metadata(known.reportedMetadata, reported, { $lastUpdated }),
        reported_version: known.reportedVersion + 1,
      }),
      twin_version: known.version + 1,
    };
    const stored = Object.entries(columns).map(([name, value]) => [
      name,
      isObject(value) ? JSON.stringify(value) : value,
    ]);
    this.deps.database.change("hub_device", { hub, device_id: deviceId }, Object.fromEntries(stored));
    return this.find(hub, deviceId);
  }
}
