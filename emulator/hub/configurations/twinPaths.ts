import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../../azure/wire/jsonObject";
import type { TwinSection } from "../twins/twinStore";

/** A place in the desired properties, and what is set there. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

const ROOT = "properties.desired";

/** Returns the settings of a content, `{ "properties.desired.a": … }`; undefined where a name is no path into desired properties. */
export function settingsOf(content: Readonly<Record<string, unknown>>): readonly Setting[] | undefined {
  const settings: Setting[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (name === ROOT) {
      if (!isObject(value)) return undefined;
      settings.push(...Object.entries(value).map(([first, each]) => ({ path: [first], value: each })));
    } else if (name.startsWith(`${ROOT}.`)) {
      const path = name.slice(ROOT.length + 1).split(".");
      if (path.includes("")) return undefined;
      settings.push({ path, value });
    } else return undefined;
  }
  return settings;
}

/** Returns a section with a value at a path; undefined removes what is there. */
export function withValue(section: TwinSection, [name = "", ...rest]: readonly string[], value: unknown): TwinSection {
  // By entries, so that `__proto__` is a name like any other.
  const members = new Map(Object.entries(section));
  const inner = members.get(name);
  if (rest.length > 0) {
    if (value === undefined && !isObject(inner)) return section;
    members.set(name, withValue(isObject(inner) ? inner : {}, rest, value));
  } else if (value === undefined || value === null) members.delete(name);
  else members.set(name, value);
  return Object.fromEntries(members);
}

/** Returns the merge patch from one section to another; undefined where they are equal. */
export function patchBetween(before: TwinSection, after: TwinSection): TwinSection | undefined {
  const patch = new Map<string, unknown>();
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch.set(name, null);
  for (const [name, value] of Object.entries(after)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isDeepStrictEqual(known, value)) continue;
    const change = isObject(known) && isObject(value) ? patchBetween(known, value) : value;
    if (change !== undefined) patch.set(name, change);
  }
  return patch.size === 0 ? undefined : Object.fromEntries(patch);
}
