import type { Property, Shape, Shapes } from "./shapes";
import { isObject, isUnknown, keyPath, open, type Properties, type Value } from "./values";

/** One fault of a program's inputs, at a property's path such as `properties.iotHubs[0].location`. */
export interface Fault {
  readonly property: string;
  readonly reason: string;
}

const GENUINE = "of the stand-in azure-native plugin for the local Azure; the genuine azure-native plugin may know it";

/** All faults of an object of inputs at once: unknown properties, missing ones, wrong types. Unknown values pass. */
export function objectFaults(token: string, shapes: Shapes, inputs: Properties, path = ""): Fault[] {
  const faults: Fault[] = [];
  for (const [key, value] of Object.entries(inputs)) {
    const property = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
    const at = keyPath(path, key);
    if (open(value) === null) continue;
    if (!property) faults.push({ property: at, reason: `'${at}' is no property of ${token} ${GENUINE}` });
    else if (property.computed)
      faults.push({ property: at, reason: `'${at}' of ${token} is set by Azure and is no input` });
    else faults.push(...valueFaults(token, property.shape, value, at));
  }
  return [...faults, ...missing(token, shapes, inputs, path)];
}

function missing(token: string, shapes: Shapes, inputs: Properties, path: string): Fault[] {
  const unset = ([key, property]: [string, Property]) =>
    property.required && (inputs[key] === undefined || open(inputs[key]) === null);
  return Object.entries(shapes)
    .filter(unset)
    .map(([key]) => keyPath(path, key))
    .map((at) => ({ property: at, reason: `missing required property '${at}' of ${token}` }));
}

function valueFaults(token: string, shape: Shape, wire: Value, path: string): Fault[] {
  const value = open(wire);
  if (isUnknown(value) || value === null || shape.kind === "any") return [];
  const wrong = (wanted: string): Fault[] => [
    { property: path, reason: `'${path}' of ${token} should be ${wanted} but is ${nameOf(value)}` },
  ];
  switch (shape.kind) {
    case "object":
      return isObject(value) ? objectFaults(token, shape.properties, value, path) : wrong("an object");
    case "map":
      if (!isObject(value)) return wrong("an object");
      return Object.entries(value).flatMap(([key, item]) => valueFaults(token, shape.of, item, keyPath(path, key)));
    case "list":
      if (!Array.isArray(value)) return wrong("a list");
      return value.flatMap((item, index) => valueFaults(token, shape.of, item, `${path}[${index}]`));
    case "ids":
      if (!Array.isArray(value)) return wrong("a list of resource ids");
      return value.flatMap((item, index) => valueFaults(token, { kind: "string" }, item, `${path}[${index}]`));
    default:
      return typeof value === shape.kind ? [] : wrong(`a ${shape.kind}`);
  }
}

function nameOf(value: Value): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
