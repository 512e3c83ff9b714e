import { sameLocation } from "./diff";
import { inside, isObject, type Properties, same, type Value, valueAt } from "./values";

/**
 * Brings what changed in Azure into the inputs, so that a refresh shows it. Inputs hold less than outputs (defaults are the
 * service's) and other values (connection strings come back masked), so only what differs between the last answer and this
 * one, both reduced to what can be set, is carried over; all else stays as the program wrote it.
 */
export function drifted(inputs: Properties, before: Properties, after: Properties): Properties {
  const result = { ...inputs };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [valueAt(before, key), valueAt(after, key)];
    if (key === "location" && sameLocation(was, is)) continue;
    const value = carry(valueAt(inputs, key), was, is);
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  return result;
}

function carry(input: Value | undefined, before: Value | undefined, after: Value | undefined): Value | undefined {
  if (same(before, after) || (isEmpty(before) && isEmpty(after))) return input;
  if (after === undefined || after === null) return undefined;
  if (input === undefined) return after;
  return inside(input, (inner) => {
    if (isObject(inner) && isObject(after)) return drifted(inner, isObject(before) ? before : {}, after);
    if (Array.isArray(inner) && Array.isArray(after)) {
      const was = Array.isArray(before) ? before : [];
      return after.map((item, index) => carry(inner[index], was[index], item) ?? item);
    }
    return after;
  });
}

/** Azure answers `[]`, `{}` or nothing for the same thing, and not always alike. */
const isEmpty = (value: Value | undefined): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
