import { pathParameters } from "./armPath";
import type { Shape, Shapes } from "./propertyShape";
import { outputShapes } from "./resourceBody";
import type { ResourceType } from "./types/resourceType";
import { RESOURCE_TYPES } from "./types/typeTable";

type Schema = Record<string, unknown>;

const TEXT = { type: "string" };
const ANY = { $ref: "pulumi.json#/Any" };

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/**
 * Pulumi's package schema of the types that the stand-in knows, as JSON: languages that check a program by it, as YAML does,
 * then run on the local Azure. It has no functions, and no description: those come with the genuine plugin.
 */
export function packageSchema(version: string): string {
  const types: Record<string, Schema> = {};
  const resources = RESOURCE_TYPES.map((type) => [type.token, resourceSchema(type, types)] as const);
  return JSON.stringify({ name: "azure-native", version, resources: Object.fromEntries(resources), types });
}

function resourceSchema(type: ResourceType, types: Record<string, Schema>): Schema {
  const parameters = pathParameters(type.path).filter((name) => name !== "subscriptionId");
  const required = parameters.filter((name) => name !== type.nameParameter);
  const inputs = Object.fromEntries(Object.entries(type.body).filter(([, { computed }]) => !computed));
  const requiredInputs = Object.entries(inputs).flatMap(([key, property]) => (property.required ? [key] : []));
  return {
    inputProperties: {
      ...Object.fromEntries(parameters.map((name) => [name, TEXT])),
      ...schemasOf(inputs, `${type.token}Input`, types),
    },
    requiredInputs: [...required, ...requiredInputs],
    properties: { name: TEXT, type: TEXT, ...schemasOf(outputShapes(type), type.token, types) },
  };
}

const schemasOf = (shapes: Shapes, path: string, types: Record<string, Schema>): Schema =>
  Object.fromEntries(
    Object.entries(shapes).map(([key, { shape }]) => [key, schemaOf(shape, `${path}${capitalized(key)}`, types)]),
  );

function schemaOf(shape: Shape, path: string, types: Record<string, Schema>): Schema {
  switch (shape.kind) {
    case "string":
    case "boolean":
    case "number":
      return { type: shape.kind };
    case "ids":
      return { type: "array", items: TEXT };
    case "any":
      return ANY;
    case "list":
      return { type: "array", items: schemaOf(shape.of, path, types) };
    case "map":
      return { type: "object", additionalProperties: schemaOf(shape.of, path, types) };
    case "object":
      types[path] = { type: "object", properties: schemasOf(shape.properties, path, types) };
      return { $ref: `#/types/${path}` };
  }
}
