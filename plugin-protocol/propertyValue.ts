/**
 * Property values as the Pulumi engine sends them: JSON, with marks for what a preview does not know, and for secrets.
 * Source: Pulumi SDK, "property value serialization" (sdk/go/common/resource/plugin/rpc.go).
 */

import { isObject } from "../azure/wire/jsonObject";

/** A property value. Unknown ones are fixed strings. */
export type Value = null | boolean | number | string | Value[] | Properties;
/** An object of property values. */
export interface Properties {
  [key: string]: Value;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The mark for a value that a preview does not know, whatever its type. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The engine has one mark for each type of unknown. */
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Whether a preview does not know the value. */
export const isUnknown = (value: Value | undefined): boolean => typeof value === "string" && UNKNOWNS.has(value);

/** An object's own value of a key: a tag may be called `constructor`, which every object of JavaScript has. */
export const valueAt = (properties: Properties, key: string): Value | undefined =>
  Object.hasOwn(properties, key) ? properties[key] : undefined;

/** The value inside a wrapped secret; any other value as it is. */
export const revealed = (value: Value): Value =>
  isObject(value) && isSecret(value) ? revealed(value.value ?? null) : value;

const isSecret = (value: Value | undefined): boolean => isObject(value) && value[SIGNATURE] === SECRET;

/** The value marked as a secret; one that is a secret already as it is. */
export const secret = (value: Value): Value => (isSecret(value) ? value : { [SIGNATURE]: SECRET, value });

/** A copy in clear at every depth, with one mark for everything that a preview does not know. */
export function plain(value: Value): Value {
  const clear = revealed(value);
  if (isUnknown(clear)) return UNKNOWN;
  if (Array.isArray(clear)) return clear.map(plain);
  if (!isObject(clear)) return clear;
  return Object.fromEntries(Object.entries(clear).map(([key, member]) => [key, plain(member)]));
}

/** A copy with those values marked as secrets that are secrets in `like`, at every depth. */
export function markedLike(value: Value, like: Value | undefined): Value {
  if (isSecret(like)) return secret(value);
  if (Array.isArray(value) && Array.isArray(like)) return value.map((item, index) => markedLike(item, like[index]));
  if (!isObject(value) || !isObject(like)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, markedLike(member, valueAt(like, key))] as const);
  return Object.fromEntries(members);
}

/** A copy with nulls left out of objects at every depth: Azure and Pulumi both take null for unset. */
export function withoutNulls(properties: Properties): Properties {
  const cleaned = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(cleaned);
    return isObject(value) ? withoutNulls(value) : value;
  };
  const entries = Object.entries(properties).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, cleaned(value)]));
}

/** Whether a value is null, unset, an empty list or an empty object: Azure returns one for the other. */
export const isEmpty = (value: Value | undefined): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

/** Whether two values mean the same: key order does not count, null and unset are the same. */
export function isSame(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || left === null) return right === undefined || right === null;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
      isSame(valueAt(left, key), valueAt(right, key)),
    );
  }
  return false;
}

/** The path of a key below a path, as Pulumi writes it: `sku.name`, `tags["a.b"]`. */
export function propertyPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}["${key.replace(/["\\]/g, "\\$&")}"]`;
  return path === "" ? key : `${path}.${key}`;
}
