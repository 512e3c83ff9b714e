import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";

/** When a property was changed. */
export interface Stamp {
  /** ISO 8601. */
  readonly $lastUpdated: string;
  /** The section's version since the change; desired properties only. */
  readonly $lastUpdatedVersion?: number;
}

/** Returns the metadata of a section after a merge patch: an entry for each property, new for what is in the patch. */
export function patchMetadata(metadata: JsonObject, patch: JsonObject, stamp: Stamp): JsonObject {
  // By entries, so that `__proto__` is a name like any other.
  const merged = new Map(Object.entries(metadata));
  for (const [name, value] of Object.entries(stamp)) if (value !== undefined) merged.set(name, value);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      merged.delete(name);
      continue;
    }
    const before = merged.get(name);
    merged.set(name, patchMetadata(isObject(before) ? before : {}, isObject(value) ? value : {}, stamp));
  }
  return Object.fromEntries(merged);
}

/** Returns the metadata of a section that is set as a whole. */
export const newMetadata = (section: JsonObject, stamp: Stamp): JsonObject => patchMetadata({}, section, stamp);
