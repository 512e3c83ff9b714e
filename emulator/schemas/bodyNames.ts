import { isObject } from "../../azure/wire/jsonObject";
import { type BodySchema, wholeSchema } from "./bodySchema";

const schemas = new Map<string, BodySchema>();
const names = new WeakMap<BodySchema, ReadonlyMap<string, string>>();

function namesOf(schema: BodySchema): ReadonlyMap<string, string> {
  let known = names.get(schema);
  if (!known) {
    known = new Map(Object.keys(schema.properties ?? {}).map((name) => [name.toLowerCase(), name]));
    names.set(schema, known);
  }
  return known;
}

function renamed(value: unknown, schema: BodySchema): unknown {
  const { items, properties, additionalProperties, anyCase } = schema;
  if (typeof value === "string") return anyCase?.find((word) => word.toLowerCase() === value.toLowerCase()) ?? value;
  if (Array.isArray(value)) return items?.properties ? value.map((each) => renamed(each, items)) : value;
  if (!isObject(value) || !properties) return value;
  const known = namesOf(schema);
  const nameOf = (given: string): string => {
    const name = known.get(given.toLowerCase());
    return name === undefined || Object.hasOwn(value, name) ? given : name;
  };
  return Object.fromEntries(
    Object.entries(value).flatMap(([given, member]) => {
      const name = nameOf(given);
      const own = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      return own ? [[name, renamed(member, own)] as const] : [];
    }),
  );
}

/**
 * Returns a body with its members, and their words of `anyCase`, spelled as in a schema, `FILE.DEFINITION`, and without the
 * members that the schema does not have: DPS and IoT Hub ignore the letter case of both, and unknown members.
 */
export function withSchemaNames(name: string, body: unknown): unknown {
  let schema = schemas.get(name);
  if (!schema) {
    schema = wholeSchema(name);
    schemas.set(name, schema);
  }
  return renamed(body, schema);
}
