import { isObject } from "../azure/wire/jsonObject";
import type { Properties, Value } from "../plugin-protocol/propertyValue";
import type { Shape, Shapes } from "./propertyShape";

/**
 * The properties with the elements of each list that has an identifier in the order of `model`; elements that `model` lacks
 * come last. The specification marks such lists by `x-ms-identifiers`, and the genuine plugin compares them without order.
 */
export function inOrderOf(shapes: Shapes, value: Properties, model: Properties): Properties {
  const entries = Object.entries(value).map(([key, item]): [string, Value] => {
    const shape = Object.hasOwn(shapes, key) ? shapes[key]?.shape : undefined;
    return [key, shape ? ordered(shape, item, model[key]) : item];
  });
  return Object.fromEntries(entries);
}

function ordered(shape: Shape, value: Value, model: Value | undefined): Value {
  if (shape.kind === "object" && isObject(value) && isObject(model)) return inOrderOf(shape.properties, value, model);
  if (shape.kind !== "list" || shape.identifier === undefined || !Array.isArray(value) || !Array.isArray(model))
    return value;
  const { identifier } = shape;
  const keyOf = (item: Value): Value | undefined => (isObject(item) ? item[identifier] : undefined);
  const keys = model.map(keyOf);
  const place = (item: Value): number => {
    const index = keys.indexOf(keyOf(item));
    return index < 0 ? keys.length : index;
  };
  return [...value].sort((left, right) => place(left) - place(right));
}
