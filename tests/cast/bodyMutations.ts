import type { BodySchema } from "../../emulator/schemas/bodySchema";

/** The place of a value in a body. */
export type Path = readonly (string | number)[];

/** One value of a body made wrong. */
export interface BodyMutation {
  /** For example `properties.sku.name: a wrong word`. */
  readonly what: string;
  readonly body: unknown;
}

const WRONG_TYPES: Readonly<Record<string, readonly unknown[]>> = {
  // An object that cannot become text.
  string: [5, { toString: 1 }],
  boolean: ["true", 1],
  integer: ["5", 1.5],
  array: ["a", {}],
  object: ["a", []],
};

/** Values that break the rules of a schema, with what each is. */
function wrongValues(schema: BodySchema, value: unknown): (readonly [what: string, value: unknown])[] {
  const list = value as readonly unknown[];
  const wrong: (readonly [string, unknown] | false)[] = [
    ...(WRONG_TYPES[schema.type ?? ""] ?? []).map((each) => [`wrong type ${JSON.stringify(each)}`, each] as const),
    (schema.enum ?? schema.anyCase) !== undefined && ["a wrong word", "no such word"],
    schema.minimum !== undefined && ["below the minimum", schema.minimum - 1],
    schema.maximum !== undefined && ["above the maximum", schema.maximum + 1],
    schema.maxLength !== undefined && ["too long", "a".repeat(schema.maxLength + 1)],
    schema.minLength !== undefined && ["empty", ""],
    schema.pattern !== undefined && ["against the pattern", "\u0001"],
    schema.minItems !== undefined && ["no items", []],
    schema.maxItems !== undefined && ["too many items", Array(schema.maxItems + 1).fill(list[0])],
    schema.maxProperties !== undefined && [
      "too many members",
      Object.fromEntries(Array.from({ length: schema.maxProperties + 1 }, (_, index) => [`m${index}`, "a"])),
    ],
  ];
  return wrong.filter((each) => each !== false);
}

/** A body with another value at a path; undefined removes it. No change below what is missing. */
export function changed(body: unknown, [first, ...rest]: Path, value: unknown): unknown {
  if (first === undefined) return value;
  if (body === undefined || body === null) return body;
  if (Array.isArray(body)) return body.map((each, index) => (index === first ? changed(each, rest, value) : each));
  const { [first]: old, ...others } = body as Record<string, unknown>;
  const next = changed(old, rest, value);
  return next === undefined ? others : { ...others, [first]: next };
}

/** The schema of each value in a body, the body itself first. */
export function schemasIn(
  schema: BodySchema,
  body: unknown,
  path: Path = [],
): (readonly [Path, BodySchema, unknown])[] {
  const below = (each: unknown, name: string | number, own: BodySchema | undefined) =>
    own === undefined ? [] : schemasIn(own, each, [...path, name]);
  if (Array.isArray(body)) {
    return [[path, schema, body], ...body.flatMap((each, index) => below(each, index, schema.items))];
  }
  if (typeof body !== "object" || body === null) return [[path, schema, body]];
  const members = Object.entries(body).flatMap(([name, each]) =>
    below(each, name, schema.properties?.[name] ?? schema.additionalProperties),
  );
  return [[path, schema, body], ...members];
}

/** Every single way in which a valid body can break its schema. */
export const bodyMutations = (whole: BodySchema, body: unknown): BodyMutation[] =>
  schemasIn(whole, body).flatMap(([path, schema, value]) => {
    const at = path.join(".");
    const values = wrongValues(schema, value).map(([what, wrong]) => ({
      what: `${at}: ${what}`,
      body: changed(body, path, wrong),
    }));
    const missing = (schema.required ?? []).flatMap((name) => [
      { what: `${at}.${name}: missing`, body: changed(body, [...path, name], undefined) },
      { what: `${at}.${name}: null`, body: changed(body, [...path, name], null) },
    ]);
    return [...values, ...missing];
  });

/** The optional values of a body, which may be left out or null. */
export const optionalPaths = (whole: BodySchema, body: unknown): Path[] =>
  schemasIn(whole, body).flatMap(([path, schema]) =>
    Object.keys(schema.properties ?? {})
      .filter((name) => !schema.required?.includes(name))
      .map((name) => [...path, name]),
  );

/** The properties of a schema that a body does not have, in the form `properties.sku.tier`. */
export const absentProperties = (whole: BodySchema, body: unknown): string[] =>
  schemasIn(whole, body).flatMap(([path, schema, value]) =>
    Object.keys(schema.properties ?? {})
      .filter((name) => !Object.hasOwn(value as object, name))
      .map((name) => [...path, name].join(".")),
  );
