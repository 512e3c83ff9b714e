import { isObject } from "../azure/wire/jsonObject";
import { isUnknown, type Properties, propertyPath, type Value } from "../plugin-protocol/propertyValue";
import type { CheckFailure } from "../plugin-protocol/resourceProvider";
import type { Property, Shape, Shapes } from "./propertyShape";

const GENUINE = "of the stand-in azure-native plugin for the local Azure; the genuine azure-native plugin may know it";

/**
 * All failures of an object of inputs at once: unknown properties, missing ones, wrong types, values outside of the
 * specification's limits. Values that a preview does not know pass.
 */
export function objectFailures(token: string, shapes: Shapes, inputs: Properties, path = ""): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [key, value] of Object.entries(inputs)) {
    const property = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
    const at = propertyPath(path, key);
    if (value === null) continue;
    if (!property) failures.push({ property: at, reason: `'${at}' is no property of ${token} ${GENUINE}` });
    else if (property.computed)
      failures.push({ property: at, reason: `'${at}' of ${token} is set by Azure and is no input` });
    else failures.push(...valueFailures(token, property.shape, value, at));
  }
  return [...failures, ...missing(token, shapes, inputs, path)];
}

function missing(token: string, shapes: Shapes, inputs: Properties, path: string): CheckFailure[] {
  const isUnset = ([key, property]: [string, Property]) =>
    property.required && (inputs[key] === undefined || inputs[key] === null);
  return Object.entries(shapes)
    .filter(isUnset)
    .map(([key]) => propertyPath(path, key))
    .map((at) => ({ property: at, reason: `missing required property '${at}' of ${token}` }));
}

function valueFailures(token: string, shape: Shape, value: Value, path: string): CheckFailure[] {
  if (isUnknown(value) || value === null || shape.kind === "any") return [];
  const wrong = (wanted: string): CheckFailure[] => [
    { property: path, reason: `'${path}' of ${token} should be ${wanted} but is ${nameOf(value)}` },
  ];
  switch (shape.kind) {
    case "object":
      return isObject(value) ? objectFailures(token, shape.properties, value, path) : wrong("an object");
    case "map":
      if (!isObject(value)) return wrong("an object");
      return Object.entries(value).flatMap(([key, item]) =>
        valueFailures(token, shape.of, item, propertyPath(path, key)),
      );
    case "list":
      if (!Array.isArray(value)) return wrong("a list");
      return value.flatMap((item, index) => valueFailures(token, shape.of, item, `${path}[${index}]`));
    case "ids":
      if (!Array.isArray(value)) return wrong("a list of resource ids");
      return value.flatMap((item, index) => valueFailures(token, { kind: "string" }, item, `${path}[${index}]`));
    default: {
      if (typeof value !== shape.kind) return wrong(`a ${shape.kind}`);
      return limitFailures(shape, value).map((reason) => ({ property: path, reason: `'${path}' ${reason}` }));
    }
  }
}

/** The genuine plugin's words for each of the specification's limits that a value breaks. */
function limitFailures(shape: Shape, value: Value): string[] {
  const failures: string[] = [];
  if (shape.kind === "string" && typeof value === "string") {
    const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = shape;
    const { length } = value;
    if (length < minLength) failures.push(`is too short (${length}): at least ${minLength} characters required`);
    if (length > maxLength) failures.push(`is too long (${length}): at most ${maxLength} characters allowed`);
    if (pattern !== undefined && !new RegExp(pattern).test(value))
      failures.push(`does not match expression '${pattern}'`);
  }
  if (shape.kind === "number" && typeof value === "number") {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = shape;
    if (!shape.fraction && !Number.isInteger(value)) failures.push(`must be an integer but got ${value}`);
    if (value < minimum) failures.push(`is too low (${value} < ${minimum})`);
    if (value > maximum) failures.push(`is too high (${value} > ${maximum})`);
  }
  return failures;
}

function nameOf(value: Value): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
