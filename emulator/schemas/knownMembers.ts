import { isObject } from "../../azure/wire/jsonObject";
import { type BodySchema, wholeSchema } from "./bodySchema";

function known(value: unknown, { properties, additionalProperties, items }: BodySchema): unknown {
  if (Array.isArray(value)) return items ? value.map((each) => known(each, items)) : value;
  if (!isObject(value) || (!properties && !additionalProperties)) return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const schema = (Object.hasOwn(properties ?? {}, name) ? properties?.[name] : undefined) ?? additionalProperties;
    return schema ? [[name, known(member, schema)] as const] : [];
  });
  return Object.fromEntries(members);
}

const schemas = new Map<string, BodySchema>();

/**
 * A body without the members that its schema does not have. A guess: providers with a model of types, such as Microsoft.Devices,
 * keep nothing else.
 */
export function knownMembers<T>(name: string, body: T): T {
  const schema = schemas.get(name) ?? wholeSchema(name);
  schemas.set(name, schema);
  return known(body, schema) as T;
}
