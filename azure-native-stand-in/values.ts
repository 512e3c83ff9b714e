/**
 * Property values as the Pulumi engine sends them: JSON with wrapped secrets and marks for what a preview cannot know.
 * Source: Pulumi SDK, "property value serialization" (sdk/go/common/resource/plugin/rpc.go).
 */

/** A property value on the wire. Secrets are objects of the shape of {@link SecretWire}, unknowns are fixed strings. */
export type Value = null | boolean | number | string | Value[] | Properties;
/** An object of property values. */
export interface Properties {
  [key: string]: Value;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands for a value that a preview cannot know, whatever its type. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The engine has one mark for each type of unknown. */
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Whether a value is one that a preview cannot know. */
export const isUnknown = (value: Value | undefined): boolean => typeof value === "string" && UNKNOWNS.has(value);

/** Whether a value is an object, and no list. */
export const isObject = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object's own value of a key: a tag may be called `constructor`, which every object of JavaScript has. */
export const valueAt = (properties: Properties, key: string): Value | undefined =>
  Object.hasOwn(properties, key) ? properties[key] : undefined;

/** Whether a value is a wrapped secret. */
export const isSecret = (value: Value | undefined): value is Properties =>
  isObject(value) && value[SIGNATURE] === SECRET;

/** Wraps a value as a secret; a secret stays one. */
export const secret = (value: Value): Value => (isSecret(value) ? value : { [SIGNATURE]: SECRET, value });

/** The value inside a secret, one level; any other value as it is. */
export const open = (value: Value): Value => (isSecret(value) ? open(value.value ?? null) : value);

/** Applies a change to the inside of a value; a secret stays a secret. */
export const inside = (value: Value, change: (inner: Value) => Value): Value =>
  isSecret(value) ? secret(change(open(value))) : change(value);

/** A copy with secrets unwrapped at every depth and nulls left out of objects, as Azure and Pulumi both take null for unset. */
export function plain(value: Value): Value {
  const inner = open(value);
  if (Array.isArray(inner)) return inner.map(plain);
  return isObject(inner) ? plainObject(inner) : inner;
}

/** {@link plain} for an object. */
export function plainObject(properties: Properties): Properties {
  const entries = Object.entries(properties).filter(([, value]) => open(value) !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
}

/** Whether two plain values mean the same: key order does not count, null and unset are the same. */
export function same(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || left === null) return right === undefined || right === null;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
      same(valueAt(left, key), valueAt(right, key)),
    );
  }
  return false;
}

/** The path of a key below a path, as Pulumi writes it: `sku.name`, `tags["a.b"]`. */
export function keyPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}["${key.replace(/["\\]/g, "\\$&")}"]`;
  return path === "" ? key : `${path}.${key}`;
}
