import { isObject } from "../azure/wire/jsonObject";
import { isEmpty, isSame, type Properties, type Value, valueAt } from "../plugin-protocol/propertyValue";
import { isSameLocation } from "./inputDiff";

/**
 * Brings what changed in Azure into the inputs, so that a refresh shows it. Inputs hold less than outputs (defaults are the
 * service's) and other values (connection strings come back masked), so only what differs between the last response and this
 * one, both reduced to what can be set, is carried over; all else stays as the program wrote it.
 */
export function driftedInputs(inputs: Properties, before: Properties, after: Properties): Properties {
  const result = { ...inputs };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [valueAt(before, key), valueAt(after, key)];
    if (key === "location" && isSameLocation(was, is)) continue;
    const value = carry(valueAt(inputs, key), was, is);
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  return result;
}

function carry(input: Value | undefined, before: Value | undefined, after: Value | undefined): Value | undefined {
  if (isSame(before, after) || (isEmpty(before) && isEmpty(after))) return input;
  if (after === undefined || after === null) return undefined;
  if (isObject(input) && isObject(after)) return driftedInputs(input, isObject(before) ? before : {}, after);
  if (Array.isArray(input) && Array.isArray(after)) {
    const was = Array.isArray(before) ? before : [];
    return after.map((item, index) => carry(input[index], was[index], item) ?? item);
  }
  return after;
}
