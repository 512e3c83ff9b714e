import { isObject } from "../../../azure/wire/jsonObject";

/** The JSON types that the values at each path of valid responses have; members of arrays are at `[]`. */
export type WireShape = ReadonlyMap<string, ReadonlySet<string>>;

const typeOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

/** Objects that clients fill freely, by their names: what is below has no types of its own. */
const FREE = [
  "tags",
  "desired",
  "reported",
  "payload",
  "optionalDeviceInformation",
  "$metadata",
  "body",
  "properties_",
  "latencies",
  "headers",
];

function walk(value: unknown, path: string, visit: (path: string, type: string) => void): void {
  visit(path, typeOf(value));
  if (FREE.includes(path.slice(path.lastIndexOf(".") + 1))) return;
  if (Array.isArray(value)) for (const each of value) walk(each, `${path}[]`, visit);
  else if (isObject(value)) for (const [name, each] of Object.entries(value)) walk(each, `${path}.${name}`, visit);
}

/** Adds what a valid response has to a shape. */
export function learnShape(shape: Map<string, Set<string>>, value: unknown): void {
  walk(value, "", (path, type) => {
    const known = shape.get(path) ?? new Set<string>();
    shape.set(path, known.add(type));
  });
}

/** The values of a response that have other types than in valid responses. Unknown paths and null are no error. */
export function shapeErrors(shape: WireShape, value: unknown): string[] {
  const errors: string[] = [];
  walk(value, "", (path, type) => {
    const types = [...(shape.get(path) ?? [])].filter((each) => each !== "null");
    if (types.length > 0 && type !== "null" && !types.includes(type))
      errors.push(`${path} is ${type}, not ${types.join(" or ")}`);
  });
  return errors;
}

const NAMES = /^(name|id|deviceId|registrationId|enrollmentGroupId|filterName|keyName)$/;

/** Names that no service of Azure accepts: of control characters, of halves of surrogate pairs, with slashes, or too long. */
export function nameErrors(value: unknown): string[] {
  const errors: string[] = [];
  const visit = (part: unknown, key: string): void => {
    if (Array.isArray(part)) for (const each of part) visit(each, key);
    else if (isObject(part)) {
      // The names of people are text of any kind.
      for (const [name, each] of Object.entries(part).filter(([member]) => member !== "contacts")) visit(each, name);
    } else if (typeof part === "string" && NAMES.test(key)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      if (/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(part)) {
        errors.push(`${key} has control characters or half a surrogate pair`);
      } else if (key !== "id" && part.length > 256) errors.push(`${key} has ${part.length} characters`);
    }
  };
  visit(value, "");
  return errors;
}
