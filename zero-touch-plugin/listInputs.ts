import { isObject } from "../azure/wire/jsonObject";
import { type Properties, plain, secret, type Value } from "../plugin-protocol/propertyValue";

/** Begins the input of an enrollment. */
const PREFIX = "device:";
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
  const entries = plainMap(enrollments).map(([id, entry]) => [`${PREFIX}${id}`, withSecrets(entry)] as const);
  return { ...rest, ...Object.fromEntries(entries) };
}

/** The inverse of {@link listInputs}: one map of enrollments, as the schema has it. */
export function schemaInputs(token: string, inputs: Properties): Properties {
  if (token !== LIST) return inputs;
  const isEntry = (key: string): boolean => key.startsWith(PREFIX);
  const entries = Object.entries(inputs).filter(([key]) => isEntry(key));
  const rest = Object.entries(inputs).filter(([key]) => !isEntry(key));
  const enrollments = Object.fromEntries(entries.map(([key, entry]) => [key.slice(PREFIX.length), withSecrets(entry)]));
  return { ...Object.fromEntries(rest), enrollments };
}

/** The entries of a map; a map that is a secret as a whole is one of secrets. */
function plainMap(enrollments: Value): [string, Value][] {
  if (!isObject(enrollments)) return [];
  const clear = plain(enrollments);
  const isWhole = isObject(clear) && Object.keys(clear).some((id) => !Object.hasOwn(enrollments, id));
  if (!isWhole) return Object.entries(enrollments);
  return Object.entries(clear).map(([id, entry]) => [id, secret(entry)]);
}
