import * as pulumi from "@pulumi/pulumi";
import type { PackageSchema, PropertySchema } from "./packageSchema";

/** What the SDK keeps of an output; not in its declarations. */
interface OutputParts {
  promise(withUnknowns: boolean): Promise<unknown>;
  readonly isKnown: Promise<boolean>;
}

/**
 * The inputs of a component with those in plain that its constructor reads: languages such as YAML give a whole list as one
 * output. Of a list that a preview does not know it has one element, and of a map none.
 */
export async function plainInputs(schema: PackageSchema, type: string, inputs: pulumi.Inputs): Promise<pulumi.Inputs> {
  const properties = schema.resources[type]?.inputProperties ?? {};
  const entries = Object.entries(inputs).map(async ([key, input]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property?.plain !== true || !pulumi.Output.isInstance(input)) return [key, input] as const;
    const { promise, isKnown } = input as unknown as OutputParts;
    const value = (await isKnown) ? await promise.call(input, true) : undefined;
    return [key, spread(schema, property, input, value, await isKnown)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The structure of a value in plain, and in it an output for each value that the component takes as one. */
function spread(
  schema: PackageSchema,
  property: PropertySchema,
  output: pulumi.Output<unknown>,
  value: unknown,
  isKnown: boolean,
): unknown {
  if (isKnown && (value === undefined || value === null)) return undefined;
  const member = (key: string | number, of: PropertySchema): unknown => {
    const inner = isKnown ? (value as Readonly<Record<string | number, unknown>>)[key] : undefined;
    const own = output.apply((whole) => (whole as Readonly<Record<string | number, unknown>> | undefined)?.[key]);
    return spread(schema, of, own, inner, isKnown);
  };
  const { items, additionalProperties, $ref } = property;
  if (items !== undefined)
    return (isKnown ? [...(value as unknown[]).keys()] : [0]).map((index) => member(index, items));
  if (additionalProperties !== undefined) {
    const keys = isKnown ? Object.keys(value as object) : [];
    return Object.fromEntries(keys.map((key) => [key, member(key, additionalProperties)]));
  }
  const type = $ref?.startsWith("#/types/") ? schema.types[$ref.slice("#/types/".length)] : undefined;
  if (type !== undefined)
    return Object.fromEntries(Object.entries(type.properties).map(([key, of]) => [key, member(key, of)]));
  return property.plain === true ? value : output;
}
