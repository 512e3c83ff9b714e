import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Row } from "../../kernel/database";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { clientRow } from "../devices/clientRow";
import { TWIN_COLUMNS } from "./twinColumns";
import { newMetadata, patchMetadata } from "./twinMetadata";

export type TwinPart = "tags" | "desired" | "reported";
/** A JSON object of a twin: no `$metadata` and no `$version` in it. */
export type TwinSection = Readonly<Record<string, unknown>>;

type Sections = Readonly<Partial<Record<TwinPart, TwinSection>>>;

/** The twin of a device or a module. */
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
  /** The digital twin model that the client has named when it connected; empty for none. */
  readonly modelId: string;
}

/** A change of a twin: the merge patch or the new section of each changed part, and the twin after it. */
export interface TwinChange {
  readonly sections: Sections;
  /** Whether the sections are new ones, not patches. */
  readonly isReplacement: boolean;
  readonly before: Twin;
  readonly twin: Twin;
}

/** How sections and their metadata change. */
interface SectionChange extends Pick<TwinChange, "isReplacement"> {
  readonly merge: typeof mergeSection;
  readonly metadata: typeof patchMetadata;
}

type TwinListener = (hub: string, key: DeviceKey, change: TwinChange) => void;

const NEVER = "0001-01-01T00:00:00Z";

const twinOf = (row: Row): Twin => {
  const version = Number(row.twin_version);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(version, 4);
  // A section without a change, or one that is of an older state, has no metadata of its own.
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
    modelId: String(row.model_id),
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

/** The twins of all devices and modules of all hubs, stored with their identities. `hub` is the directory record's key. */
export class TwinStore {
  readonly #listeners: TwinListener[] = [];

  /** Requires the tables of `IdentityStore`. */
  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock">) {
    deps.database.addColumns("hub_device", TWIN_COLUMNS);
  }

  find(hub: string, key: DeviceKey): Twin | undefined {
    const row = this.deps.database.find(...clientRow(hub, key));
    return row && twinOf(row);
  }

  /** Sets the model of a device or module. Call it inside a transaction. */
  setModel(hub: string, key: DeviceKey, modelId: string): void {
    this.deps.database.change(...clientRow(hub, key), { model_id: modelId });
  }

  /** Calls the listener at each change of a twin, inside the transaction. */
  onChange(listener: TwinListener): void {
    this.#listeners.push(listener);
  }

  /** Applies merge patches to sections. Undefined if there is no such device or module. Call it inside a transaction. */
  patch(hub: string, key: DeviceKey, patches: Sections): Twin | undefined {
    return this.#change(hub, key, patches, { isReplacement: false, merge: mergeSection, metadata: patchMetadata });
  }

  /** Replaces sections. Undefined if there is no such device or module. Call it inside a transaction. */
  replace(hub: string, key: DeviceKey, sections: Sections): Twin | undefined {
    const merge = (_: TwinSection, section: TwinSection) => mergeSection({}, section);
    const metadata: typeof patchMetadata = (_, section, stamp) => newMetadata(section, stamp);
    return this.#change(hub, key, sections, { isReplacement: true, merge, metadata });
  }

  #change(
    hub: string,
    key: DeviceKey,
    { tags, desired, reported }: Sections,
    { isReplacement, merge, metadata }: SectionChange,
  ): Twin | undefined {
    const known = this.find(hub, key);
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
    this.deps.database.change(...clientRow(hub, key), Object.fromEntries(stored));
    const twin = this.find(hub, key);
    if (!twin) return undefined;
    for (const listener of this.#listeners) {
      listener(hub, key, { sections: { tags, desired, reported }, isReplacement, before: known, twin });
    }
    return twin;
  }
}
