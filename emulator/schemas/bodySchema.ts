import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A schema, and the members that JSON Schema does not have. */
export interface BodySchema {
  readonly type?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, BodySchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: BodySchema;
  readonly items?: BodySchema;
  readonly enum?: readonly unknown[];
  /** Words in any letter case. */
  readonly anyCase?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  /** A pattern, and its rule in words. */
  readonly pattern?: string;
  readonly description?: string;
  /** Marks a secret, which errors leave out. */
  readonly writeOnly?: true;
  readonly code?: string;
}

/** The schemas of `NAME.json` in this folder, `$defs`, by `NAME.DEFINITION`. */
const definitions: ReadonlyMap<string, BodySchema> = new Map(
  readdirSync(__dirname)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const { $defs } = JSON.parse(readFileSync(join(__dirname, file), "utf8")) as {
        $defs: Record<string, BodySchema>;
      };
      return Object.entries($defs).map(([name, schema]) => [`${basename(file, ".json")}.${name}`, schema] as const);
    }),
);

/** The names of all schemas, operations' and those that they refer to. */
export const SCHEMA_NAMES: readonly string[] = [...definitions.keys()];

function definition(name: string): BodySchema {
  const schema = definitions.get(name);
  if (schema) return schema;
  throw new TypeError(`there is no schema ${name}`);
}

const mapped = <T, U>(members: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value, name)]));

/** Returns a schema without references, in which null is valid where a value is optional: clients send it for what is not set. */
export function wholeSchema(name: string): BodySchema {
  const whole = ({ $ref, ...own }: BodySchema, isOptional: boolean): BodySchema => {
    const schema = $ref === undefined ? own : { ...definition($ref), ...own };
    const { properties, required, additionalProperties, items } = schema;
    return {
      ...schema,
      ...(isOptional && schema.type && { nullable: true }),
      ...(isOptional && schema.enum && { enum: [...schema.enum, null] }),
      ...(properties && { properties: mapped(properties, (each, key) => whole(each, !required?.includes(key))) }),
      ...(additionalProperties && { additionalProperties: whole(additionalProperties, false) }),
      ...(items && { items: whole(items, false) }),
    };
  };
  return whole(definition(name), false);
}
