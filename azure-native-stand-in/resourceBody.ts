import { isObject } from "../azure/wire/jsonObject";
import {
  isEmpty,
  isUnknown,
  type Properties,
  UNKNOWN,
  type Value,
  withoutNulls,
} from "../plugin-protocol/propertyValue";
import type { Shape, Shapes } from "./propertyShape";
import type { ResourceType } from "./types/resourceType";

/** ARM's own members of a body, beside those of the resource provider. */
const ENVELOPE: readonly string[] = ["location", "tags", "sku", "kind", "identity", "extendedLocation", "managedBy"];

/** ARM's request body for a program's inputs, without path parameters. */
export function requestBody(type: ResourceType, inputs: Properties): Properties {
  const given = withoutNulls(inputs);
  const body: Properties = {};
  const properties: Properties = {};
  for (const [key, property] of Object.entries(type.body)) {
    const value = given[key];
    const into = type.inside === undefined || ENVELOPE.includes(key) ? body : properties;
    if (value !== undefined && !property.computed) into[property.wire ?? key] = toWire(property.shape, value);
  }
  return type.inside === undefined ? body : { ...body, [type.inside]: properties };
}

/** ARM takes user-assigned identities as an object keyed by ID, the SDK as a list. */
function toWire(shape: Shape, value: Value): Value {
  if (shape.kind === "ids" && Array.isArray(value)) return Object.fromEntries(value.map((id) => [String(id), {}]));
  if (shape.kind === "object" && isObject(value)) {
    const entries = Object.entries(value).map(([key, item]): [string, Value] => {
      const property = shape.properties[key];
      return [property?.wire ?? key, property ? toWire(property.shape, item) : item];
    });
    return Object.fromEntries(entries);
  }
  return mapMembers(shape, value, toWire);
}

/** The inputs that correspond to a response or a state: read-only properties left out, at every depth. */
export function inputsOf(type: ResourceType, outputs: Properties): Properties {
  return inputsOfObject(type.body, gathered(type, lifted(type, withoutNulls(outputs))));
}

/** The inputs of an import: as {@link inputsOf}, without empty lists and objects. */
export function importedInputs(type: ResourceType, outputs: Properties): Properties {
  const cleaned = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(cleaned);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, item]): [string, Value] => [key, cleaned(item)]);
    return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
  };
  return cleaned(inputsOf(type, outputs)) as Properties;
}

/** A response with the properties that ARM puts inside a member beside it, as the SDK has them; a state stays as it is. */
function lifted(type: ResourceType, response: Properties): Properties {
  const member = type.inside ?? type.flattened;
  const inner = member === undefined ? undefined : response[member];
  return sdkNames(outputShapes(type), isObject(inner) ? { ...response, ...inner } : response);
}

/** The SDK class's outputs: the body's properties, and beside them those of a member that only inputs have. */
export function outputShapes({ flattened, body }: ResourceType): Shapes {
  if (flattened === undefined) return body;
  const { [flattened]: member, ...rest } = body;
  return { ...rest, ...(member?.shape.kind === "object" ? member.shape.properties : {}) };
}

/** Outputs with the properties back in the member that programs write them into. */
function gathered({ flattened, body }: ResourceType, outputs: Properties): Properties {
  const shape = flattened === undefined ? undefined : body[flattened]?.shape;
  if (flattened === undefined || shape?.kind !== "object") return outputs;
  const inner = Object.entries(outputs).filter(([key]) => shape.properties[key] !== undefined);
  return { ...outputs, [flattened]: Object.fromEntries(inner) };
}

/** Inputs with what they write into that member beside it, as outputs have it. */
function spread({ flattened }: ResourceType, inputs: Properties): Properties {
  const inner = flattened === undefined ? undefined : inputs[flattened];
  return isObject(inner) ? { ...inputs, ...inner } : inputs;
}

/** Properties with ARM's own names, by the SDK's names; those that have them already stay as they are. */
function sdkNames(shapes: Shapes, value: Properties): Properties {
  const names = new Map(Object.entries(shapes).map(([key, { wire = key }]) => [wire, key]));
  const entries = Object.entries(value).map(([key, item]): [string, Value] => {
    const name = names.get(key) ?? key;
    return [name, sdkValue(shapes[name]?.shape ?? { kind: "any" }, item)];
  });
  return Object.fromEntries(entries);
}

const sdkValue = (shape: Shape, value: Value): Value =>
  shape.kind === "object" && isObject(value) ? sdkNames(shape.properties, value) : mapMembers(shape, value, sdkValue);

function inputsOfObject(shapes: Shapes, value: Properties): Properties {
  const entries = Object.entries(value).filter(([key]) => shapes[key] && !shapes[key].computed);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, inputsOfValue(shapes[key]?.shape ?? { kind: "any" }, item)]),
  );
}

function inputsOfValue(shape: Shape, value: Value): Value {
  if (shape.kind === "ids" && isObject(value)) return Object.keys(value).sort();
  if (shape.kind === "object" && isObject(value)) return inputsOfObject(shape.properties, value);
  return mapMembers(shape, value, inputsOfValue);
}

/** Applies a function one level deeper, where the shape has one. */
function mapMembers(shape: Shape, value: Value, apply: (shape: Shape, value: Value) => Value): Value {
  if (shape.kind === "list" && Array.isArray(value)) return value.map((item) => apply(shape.of, item));
  if (shape.kind === "map" && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, apply(shape.of, item)]));
  }
  return value;
}

/** The properties of a response that the shapes list, without nulls. */
export const knownProperties = (shapes: Shapes, response: Properties): Properties =>
  Object.fromEntries(Object.entries(withoutNulls(response)).filter(([key]) => shapes[key]));

/** The outputs of the SDK's class for a response of ARM. The engine marks an output secret where its input is. */
export function outputsOf(type: ResourceType, response: Properties): Properties {
  const { name, type: armType } = response;
  return {
    azureApiVersion: type.apiVersion,
    ...knownProperties(outputShapes(type), lifted(type, response)),
    ...(typeof name === "string" && { name }),
    type: typeof armType === "string" ? armType : type.armType,
  };
}

/** The outputs that a preview knows: the inputs', and the mark for unknown for everything that Azure decides. */
export function previewOutputs(type: ResourceType, inputs: Properties): Properties {
  const outputs = previewObject(outputShapes(type), spread(type, inputs));
  return { ...outputs, azureApiVersion: type.apiVersion, name: UNKNOWN, type: type.armType };
}

function previewObject(shapes: Shapes, inputs: Properties): Properties {
  const entries = Object.entries(shapes).map(([key, property]): [string, Value] => {
    const value = inputs[key];
    return [key, value === undefined || property.computed ? UNKNOWN : previewValue(property.shape, value)];
  });
  return Object.fromEntries(entries);
}

function previewValue(shape: Shape, value: Value): Value {
  if (isUnknown(value) || shape.kind === "ids") return UNKNOWN;
  if (shape.kind === "object" && isObject(value)) return previewObject(shape.properties, value);
  return mapMembers(shape, value, previewValue);
}
