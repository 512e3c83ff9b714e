import { isObject } from "../azure/wire/jsonObject";
import { type Properties, plain, secret, type Value } from "../plugin-protocol/propertyValue";

const LIST = "zero-touch:index:EnrollmentList";

/** The members of an entry that are secrets. */
const SECRETS = ["symmetricKey", "customAllocation"];

function withSecrets(entry: Value): Value {
  if (!isObject(entry)) return entry;
  const members = Object.entries(entry).map(([key, value]) => [key, SECRETS.includes(key) ? secret(value) : value]);
  return Object.fromEntries(members) as Properties;
}

/**
 * The inputs as the handler has them: an enrollment list has one input for each enrollment, `device:ID`, so that a preview
 * shows the changed ones only; the schema has them as one map.
 */
export function listInputs(token: string, inputs: Properties): Properties {
  const { enrollments, ...rest } = inputs;
  if (token !== LIST || enrollments === undefined) return inputs;
  const entries = plainMap(enrollments).map(([id, entry]) => [`device:${id}`, withSecrets(entry)] as const);
  return { ...rest, ...Object.fromEntries(entries) };
}

/** The entries of a map; a map that is a secret as a whole is one of secrets. */
function plainMap(enrollments: Value): [string, Value][] {
  if (!isObject(enrollments)) return [];
  const clear = plain(enrollments);
  const isWhole = isObject(clear) && Object.keys(clear).some((id) => !Object.hasOwn(enrollments, id));
  if (!isWhole) return Object.entries(enrollments);
  return Object.entries(clear).map(([id, entry]) => [id, secret(entry)]);
}
