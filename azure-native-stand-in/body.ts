import type { Property, Shape, Shapes } from "./shapes";
import type { ResourceType } from "./types/resourceType";
import { isObject, isSecret, isUnknown, open, type Properties, plain, secret, UNKNOWN, type Value } from "./values";

/** ARM's request body out of a program's inputs, secrets in clear, path parameters left out. */
export function requestBody(type: ResourceType, inputs: Properties): Properties {
  const body: Properties = {};
  for (const [key, property] of Object.entries(type.body)) {
    const value = inputs[key];
    if (value !== undefined && open(value) !== null && !property.computed)
      body[key] = toWire(property.shape, plain(value));
  }
  return type.inside === undefined ? body : { [type.inside]: body };
}

/** ARM wants user-assigned identities as an object keyed by id, the SDK takes a list. */
function toWire(shape: Shape, value: Value): Value {
  if (shape.kind === "ids" && Array.isArray(value)) return Object.fromEntries(value.map((id) => [String(id), {}]));
  if (shape.kind === "object" && isObject(value)) {
    const entries = Object.entries(value).map(([key, item]): [string, Value] => {
      const property = shape.properties[key];
      return [property?.wire ?? key, property ? toWire(property.shape, item) : item];
    });
    return Object.fromEntries(entries);
  }
  return through(shape, value, toWire);
}

/** The inputs that an answer (or a state) amounts to: read-only properties left out, at every depth. */
export function inputsOf(type: ResourceType, outputs: Properties): Properties {
  return inputsOfObject(type.body, gathered(type, lifted(type, outputs)));
}

/** An answer with the properties that ARM puts inside of a member beside it, as the SDK has them; a state stays as it is. */
function lifted(type: ResourceType, answer: Properties): Properties {
  const member = type.inside ?? type.flattened;
  const inner = member === undefined ? undefined : answer[member];
  return sdkNames(outputShapes(type), isObject(inner) ? { ...answer, ...inner } : answer);
}

/** What the SDK's class shows: the body's properties, and beside them those of a member that only inputs have. */
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
  const member = flattened === undefined ? undefined : inputs[flattened];
  if (member === undefined) return inputs;
  const inner = open(member);
  if (!isObject(inner)) return inputs;
  const entries = Object.entries(inner).map(([key, item]): [string, Value] => [
    key,
    isSecret(member) && !isSecret(item) ? secret(item) : item,
  ]);
  return { ...inputs, ...Object.fromEntries(entries) };
}

/** What ARM's wire calls otherwise, by the SDK's names; what has them already stays as it is. */
function sdkNames(shapes: Shapes, value: Properties): Properties {
  const names = new Map(Object.entries(shapes).map(([key, { wire = key }]) => [wire, key]));
  const entries = Object.entries(value).map(([key, item]): [string, Value] => {
    const name = names.get(key) ?? key;
    return [name, sdkValue(shapes[name]?.shape ?? { kind: "any" }, item)];
  });
  return Object.fromEntries(entries);
}

const sdkValue = (shape: Shape, value: Value): Value =>
  shape.kind === "object" && isObject(value) ? sdkNames(shape.properties, value) : through(shape, value, sdkValue);

function inputsOfObject(shapes: Shapes, value: Properties): Properties {
  const entries = Object.entries(value).filter(([key, item]) => shapes[key] && !shapes[key].computed && item !== null);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, inputsOfValue(shapes[key]?.shape ?? { kind: "any" }, item)]),
  );
}

function inputsOfValue(shape: Shape, value: Value): Value {
  if (shape.kind === "ids" && isObject(value)) return Object.keys(value).sort();
  if (shape.kind === "object" && isObject(value)) return inputsOfObject(shape.properties, value);
  return through(shape, value, inputsOfValue);
}

/** Applies a function one level deeper, where the shape says there is one. */
function through(shape: Shape, value: Value, apply: (shape: Shape, value: Value) => Value): Value {
  if (shape.kind === "list" && Array.isArray(value)) return value.map((item) => apply(shape.of, item));
  if (shape.kind === "map" && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, apply(shape.of, item)]));
  }
  if (shape.kind === "object" && isObject(value)) {
    const known = Object.entries(value).map(([key, item]): [string, Value] => {
      const property = shape.properties[key];
      return [key, property ? apply(property.shape, item) : item];
    });
    return Object.fromEntries(known);
  }
  return value;
}

/**
 * The outputs that the SDK's class promises, out of ARM's answer. Keys and connection strings are secret, and so is
 * whatever was secret in the inputs.
 */
export function outputsOf(type: ResourceType, given: Properties, inputs: Properties): Properties {
  const [answer, known] = [lifted(type, given), spread(type, inputs)];
  const outputs: Properties = { azureApiVersion: type.apiVersion };
  for (const [key, property] of Object.entries(outputShapes(type))) {
    const value = answer[key];
    if (value !== undefined && value !== null) {
      outputs[key] = guard(property.shape, plain(value), known[key], property.secret === true);
    }
  }
  if (typeof answer.name === "string") outputs.name = answer.name;
  outputs.type = typeof answer.type === "string" ? answer.type : type.armType;
  return outputs;
}

/** A result or an answer with its secret properties wrapped; properties that are not in the table are left out. */
export function guardObject(shapes: Shapes, value: Properties): Properties {
  const known = Object.entries(value).filter(([key, item]) => shapes[key] && item !== null);
  const guarded = known.map(([key, item]): [string, Value] => {
    const property = shapes[key];
    return [key, property ? guard(property.shape, item, undefined, property.secret === true) : item];
  });
  return Object.fromEntries(guarded);
}

function guard(shape: Shape, value: Value, input: Value | undefined, isHidden: boolean): Value {
  if ((isHidden || (input !== undefined && isSecret(input))) && tells(value)) return secret(value);
  if (shape.kind === "list" && Array.isArray(value)) {
    const items = Array.isArray(input) ? input : [];
    return value.map((item, index) => guard(shape.of, item, items[index], false));
  }
  if ((shape.kind === "map" || shape.kind === "object") && isObject(value)) {
    const given: Properties = isObject(input) ? input : {};
    const guarded = Object.entries(value).map(([key, item]): [string, Value] => {
      const property: Property | undefined = shape.kind === "object" ? shape.properties[key] : { shape: shape.of };
      return [key, guard(property?.shape ?? { kind: "any" }, item, given[key], property?.secret === true)];
    });
    return Object.fromEntries(guarded);
  }
  return value;
}

/**
 * Whether a secret property's value tells anything. Azure reads connection strings back empty or with the key masked; to wrap
 * those would make every neighbour secret too (the SDK carries secrecy up to the top-level property), the ID scope first.
 */
const tells = (value: Value): boolean => value !== "" && !(typeof value === "string" && value.includes("=****"));

/** The outputs that a preview knows: what the inputs say, and the mark for unknown wherever Azure has the say. */
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

function previewValue(shape: Shape, wire: Value): Value {
  if (isSecret(wire)) return secret(previewValue(shape, open(wire)));
  if (isUnknown(wire) || shape.kind === "ids") return UNKNOWN;
  if (shape.kind === "list" && Array.isArray(wire)) return wire.map((item) => previewValue(shape.of, item));
  if (shape.kind === "map" && isObject(wire)) {
    return Object.fromEntries(Object.entries(wire).map(([key, item]) => [key, previewValue(shape.of, item)]));
  }
  if (shape.kind === "object" && isObject(wire)) return previewObject(shape.properties, wire);
  return wire;
}
