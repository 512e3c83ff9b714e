import { pathParameters } from "./paths";
import type { ResourceType } from "./types/resourceType";
import { isObject, isUnknown, keyPath, type Properties, plainObject, same, type Value, valueAt } from "./values";

/** How one property changed. */
export interface Change {
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/** What a change of inputs means for a resource. */
export interface Difference {
  /** By property path, for example `sku.capacity`. */
  readonly changes: ReadonlyMap<string, Change>;
  /** The top-level properties that changed. */
  readonly changed: readonly string[];
  /** The top-level properties whose change replaces the resource. */
  readonly replaces: readonly string[];
}

/** The properties whose change replaces a resource of this type: the path parameters, `location`, and what the type names. */
const replacing = ({ path, location, replacedFor = [] }: ResourceType): ReadonlySet<string> =>
  new Set([...pathParameters(path), ...(location === "none" ? [] : ["location"]), ...replacedFor]);

/** "West Europe" and "westeurope" are the same location to ARM. */
export const sameLocation = (left: Value | undefined, right: Value | undefined): boolean =>
  typeof left === "string" && typeof right === "string" && regionKey(left) === regionKey(right);

const regionKey = (location: string): string => location.replace(/\s+/g, "").toLowerCase();

/**
 * Compares a program's inputs with the last ones. Key order, secrets' wrapping and nulls do not count; a value that a preview
 * cannot know counts as changed. `state` supplies the location that inputs of an older run may lack.
 */
export function difference(
  type: ResourceType,
  oldInputs: Properties,
  newInputs: Properties,
  state: Properties,
): Difference {
  const before = plainObject(oldInputs);
  const after = plainObject(newInputs);
  // Types without a location of their own may be told one, that of the resource they are in.
  if (type.location !== "none") {
    if (before.location === undefined && typeof state.location === "string") before.location = state.location;
    if (after.location === undefined || sameLocation(before.location, after.location)) {
      delete before.location;
      delete after.location;
    }
  }
  const changes = new Map<string, Change>();
  const breaking = replacing(type);
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of keys) {
    compare(valueAt(before, key), valueAt(after, key), keyPath("", key), breaking.has(key), changes);
  }
  const changed = [...keys].filter((key) => !same(valueAt(before, key), valueAt(after, key)));
  return { changes, changed, replaces: changed.filter((key) => breaking.has(key)) };
}

function compare(
  before: Value | undefined,
  after: Value | undefined,
  path: string,
  replaces: boolean,
  into: Map<string, Change>,
): void {
  if (same(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(valueAt(before, key), valueAt(after, key), keyPath(path, key), replaces, into);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare(before[index], after[index], `${path}[${index}]`, replaces, into);
    }
  } else {
    const kind = before === undefined ? "add" : after === undefined && !isUnknown(after) ? "delete" : "update";
    into.set(path, { kind, replaces });
  }
}
