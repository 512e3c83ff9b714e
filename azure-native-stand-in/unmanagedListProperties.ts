import { isObject } from "../azure/wire/jsonObject";
import type { Properties } from "../plugin-protocol/propertyValue";
import type { ResourceType } from "./types/resourceType";

/** A request's body with the lists that the program leaves out: empty at a create, those of `current` at an update. */
export function withUnmanagedLists(
  { unmanagedLists = [] }: ResourceType,
  body: Properties,
  current: Properties | undefined,
): Properties {
  const result = { ...body };
  for (const [member, key] of unmanagedLists) {
    const inner = isObject(result[member]) ? result[member] : {};
    const there = isObject(current?.[member]) ? current[member][key] : undefined;
    result[member] = { ...inner, [key]: inner[key] ?? there ?? [] };
  }
  return result;
}

/** What a refresh compares, without the lists that the program leaves out. */
export function withoutUnmanagedLists(
  { unmanagedLists = [] }: ResourceType,
  properties: Properties,
  inputs: Properties,
): Properties {
  const result = { ...properties };
  for (const [member, key] of unmanagedLists) {
    const given = inputs[member];
    const inner = result[member];
    if (!isObject(inner) || (isObject(given) && given[key] !== undefined)) continue;
    const { [key]: _, ...rest } = inner;
    result[member] = rest;
  }
  return result;
}
