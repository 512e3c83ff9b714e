/** Initial twins: their rules, and how they are read back beside the service's metadata. */
import { isObject } from "../../../azure/wire/jsonObject";
import { canonical, isSame } from "../resource/canonicalJson";
import { UNKNOWN } from "../resource/fields";

/** How deep a twin's objects may be nested (Azure documentation "Understand device twins"). */
const DEEPEST = 10;
/** Bytes of JSON: tags, and desired properties. */
const LIMITS = { tags: 8 * 1024, desired: 32 * 1024 } as const;

function memberError(value: unknown, path: string, depth: number): string | undefined {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const error = memberError(each, `${path}[${index}]`, depth + 1);
      if (error !== undefined) return error;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  if (depth > DEEPEST) return `${path} is nested deeper than ${DEEPEST} levels`;
  for (const [key, member] of Object.entries(value)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: twins allow no control characters in names
    if (key === "" || /[\u0000-\u001f.$ ]/.test(key))
      return `${path} has the name ${JSON.stringify(key)}: names have no dot, dollar sign, space or control character`;
    const error = memberError(member, `${path}.${key}`, depth + 1);
    if (error !== undefined) return error;
  }
  return undefined;
}

function collectionError(value: unknown, path: string, limit: number): string | undefined {
  if (value === undefined || value === null || value === UNKNOWN) return undefined;
  if (!isObject(value)) return `${path} must be an object`;
  const error = memberError(value, path, 1);
  if (error !== undefined) return error;
  const size = Buffer.byteLength(canonical(value));
  return size > limit ? `${path} has ${size} bytes, and at most ${limit} are allowed` : undefined;
}

/** The rule for an initial twin: `{ tags?, properties?: { desired? } }`. */
export function initialTwinError(value: unknown): string | undefined {
  if (!isObject(value)) return "must be an object with tags and properties.desired";
  const properties = value.properties ?? {};
  const wrong = [
    ...Object.keys(value).filter((key) => key !== "tags" && key !== "properties"),
    ...(isObject(properties) ? Object.keys(properties).filter((key) => key !== "desired") : []),
  ];
  if (properties !== UNKNOWN && (!isObject(properties) || wrong.length > 0))
    return `has tags and properties.desired only${wrong.length > 0 ? `, not ${wrong.join(", ")}` : ""}`;
  const desired = isObject(properties) ? properties.desired : undefined;
  return collectionError(value.tags, "tags", LIMITS.tags) ?? collectionError(desired, "desired", LIMITS.desired);
}

/** The rule for optional device information: an object. */
export const deviceInformationError = (value: unknown): string | undefined =>
  isObject(value) ? collectionError(value, "optionalDeviceInformation", LIMITS.tags) : "must be an object";

/** What the service adds to a collection. A name of these in our own collection is ours. */
const MARKS = ["$metadata", "$version", "metadata", "version", "count", "additionalProperties"];

/** A collection without the service's marks; undefined when nothing is left. */
export function readCollection(ours: unknown, theirs: unknown): unknown {
  if (!isObject(theirs)) return isSame(ours, {}) ? ours : undefined;
  const own = isObject(ours) ? ours : {};
  const entries = Object.entries(theirs).filter(([key]) => !MARKS.includes(key) || key in own);
  return entries.length === 0 && !isObject(ours) ? undefined : Object.fromEntries(entries);
}

/** An initial twin as the service has it: our own where it says the same. */
export function readTwin(ours: unknown, theirs: unknown): unknown {
  const [own, seen] = [isObject(ours) ? ours : {}, isObject(theirs) ? theirs : {}];
  const [ownProperties, seenProperties] = [own.properties, seen.properties].map((each) => (isObject(each) ? each : {}));
  const tags = readCollection(own.tags, seen.tags);
  const desired = readCollection(ownProperties?.desired, seenProperties?.desired);
  const twin = {
    ...(tags === undefined ? {} : { tags }),
    ...(desired === undefined ? {} : { properties: { desired } }),
  };
  const isEmpty = isSame(withoutEmpty(twin), undefined);
  if (isSame(withoutEmpty(twin), withoutEmpty(ours))) return ours;
  return isEmpty ? undefined : twin;
}

/** Without objects that say nothing; undefined when all is empty. */
function withoutEmpty(value: unknown): unknown {
  if (!isObject(value)) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, member]) => [key, withoutEmpty(member)] as const)
    .filter(([, member]) => member !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
