/** Property-level differences between two bags of inputs, in an order that does not depend on the order of keys. */

import { isObject } from "../azure/wire/jsonObject";
import { SECRET } from "./displayValue";
import { type Bag, UNKNOWN } from "./previewDocument";

/** One property that differs. */
export interface Difference {
  /** `sku.name`, `properties.iotHubs[0].location`; other keys than plain names are quoted. */
  readonly path: string;
  /** The input at the top of the path. */
  readonly property: string;
  /** undefined: not set. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Whether a property is irrelevant to a reviewer: the engine's own, ETags, and inputs that only checks during a preview use. */
const isNoise = (key: string): boolean => key.startsWith("__") || /^etag$/i.test(key) || key === "trustedCertificates";

/** The bag's own property: a key may be called `constructor`. */
const own = (bag: Bag, key: string): unknown => (Object.hasOwn(bag, key) ? bag[key] : undefined);

const join = (path: string, key: string): string => {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
};

/** Compares deeply, without regard to the order of keys. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isEqual(value, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return keys.every((key) => isNoise(key) || isEqual(own(one, key), own(other, key)));
  }
  return (one ?? undefined) === (other ?? undefined);
}

function walk(path: string, property: string, before: unknown, after: unknown, found: Difference[]): void {
  if (isEqual(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of Object.keys({ ...before, ...after })) {
      if (!isNoise(key)) walk(join(path, key), property, own(before, key), own(after, key), found);
    }
    return;
  }
  // Entry by entry only for lists of one length; otherwise a removed first entry would show as a change of all others.
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, value] of before.entries()) walk(`${path}[${index}]`, property, value, after[index], found);
    return;
  }
  found.push({ path, property, before, after });
}

/** The last key of a path, without its index: `key` of `hubs[0].key`. */
export function lastKey(path: string): string {
  const quoted = /\[("(?:[^"\\]|\\.)*")\]$/.exec(path)?.[1];
  if (quoted !== undefined) return String(JSON.parse(quoted));
  return /([^.[\]]+)(?:\[\d+\])*$/.exec(path)?.[1] ?? path;
}

const byPath = (one: Difference, other: Difference): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : 0;

/** All that differs, sorted by path. */
export function differences(before: Bag, after: Bag): readonly Difference[] {
  const found: Difference[] = [];
  for (const key of Object.keys({ ...before, ...after })) {
    if (!isNoise(key)) walk(join("", key), key, own(before, key), own(after, key), found);
  }
  return found.sort(byPath);
}

const isAtOrBelow = (path: string, above: string): boolean =>
  path.startsWith(above) && /^(?:$|[.[])/.test(path.slice(above.length));

/**
 * Differences that only the provider sees, by the paths of its detailed diff: a secret with the old and new text
 * `[secret]`. Paths that are in `known` already, or above or below one that is, are left out.
 */
export function hiddenDifferences(paths: readonly string[], known: readonly Difference[]): readonly Difference[] {
  return paths
    .filter((path) => !path.split(/[.[\]]/).some(isNoise))
    .filter((path) => !known.some((each) => isAtOrBelow(each.path, path) || isAtOrBelow(path, each.path)))
    .map((path) => ({ path, property: path.split(/[.[]/)[0] ?? path, before: SECRET, after: SECRET }))
    .sort(byPath);
}

/** Whether the new value is known only during `up`. */
export const isPending = ({ after }: Difference): boolean => after === UNKNOWN;
