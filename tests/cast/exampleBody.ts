import { type BodySchema, wholeSchema } from "../../emulator/schemas/bodySchema";

/** Values of an example by their paths, such as `properties.secrets.0.name`. */
export type ExampleValues = Readonly<Record<string, unknown>>;

const SIMPLE: Readonly<Record<string, unknown>> = { string: "a", boolean: false, number: 1, integer: 1 };

function exampleValue(schema: BodySchema, path: string, values: ExampleValues): unknown {
  if (path in values) return values[path];
  const below = (name: string | number) => (path === "" ? String(name) : `${path}.${name}`);
  if (schema.type === "array") return schema.items ? [exampleValue(schema.items, below(0), values)] : [];
  if (schema.type !== "object") return schema.anyCase?.[0] ?? schema.minimum ?? SIMPLE[schema.type ?? "string"];
  const members = Object.entries(schema.properties ?? {}).map(([name, each]) => [
    name,
    exampleValue(each, below(name), values),
  ]);
  return schema.additionalProperties
    ? { a: exampleValue(schema.additionalProperties, below("a"), values) }
    : Object.fromEntries(members);
}

/** A body with every property of a schema, lists with one element, and these values at their paths. */
export const exampleBody = (schema: string, values: ExampleValues = {}): unknown =>
  exampleValue(wholeSchema(schema), "", values);
