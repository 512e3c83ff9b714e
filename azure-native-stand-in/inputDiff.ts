import { regionKey } from "../azure/names";
import { isObject } from "../azure/wire/jsonObject";
import {
  isSame,
  isUnknown,
  type Properties,
  propertyPath,
  type Value,
  valueAt,
  withoutNulls,
} from "../plugin-protocol/propertyValue";
import type { Change, ResourceDiff } from "../plugin-protocol/resourceProvider";
import { pathParameters } from "./armPath";
import type { ResourceType } from "./types/resourceType";
import { inOrderOf } from "./unorderedLists";

/** Set in the inputs of a resource with a random name: its replacement is created before it is deleted. */
export const CREATE_BEFORE_DELETE = "__createBeforeDelete";

/** "West Europe" and "westeurope" are the same location to ARM. */
export const isSameLocation = (left: Value | undefined, right: Value | undefined): boolean =>
  typeof left === "string" && typeof right === "string" && regionKey(left) === regionKey(right);

/** The plugin's own marks, and the version that the SDK shows, are no inputs of the program. */
const isCompared = (key: string): boolean => !key.startsWith("__") && key !== "azureApiVersion";

const comparable = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(withoutNulls(properties)).filter(([key]) => isCompared(key)));

/**
 * Compares a program's inputs with the last ones. Key order, nulls and the order of lists with identifiers do not count; a
 * value that a preview does not know counts as changed. `state` supplies the location that inputs of an older run may lack.
 */
export function diffInputs(
  type: ResourceType,
  oldInputs: Properties,
  newInputs: Properties,
  state: Properties,
): Required<ResourceDiff> {
  const after = comparable(newInputs);
  const before = inOrderOf(type.body, comparable(oldInputs), after);
  // Types without a location of their own may return that of the resource they are in.
  if (type.location !== undefined) {
    if (before.location === undefined && typeof state.location === "string") before.location = state.location;
    if (after.location === undefined || isSameLocation(before.location, after.location)) {
      delete before.location;
      delete after.location;
    }
  }
  const changes = new Map<string, Change>();
  const replacing = new Set([...pathParameters(type.path), ...(type.replacedFor ?? [])]);
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of keys) {
    compare(valueAt(before, key), valueAt(after, key), propertyPath("", key), replacing.has(key), changes);
  }
  const changed = [...keys].filter((key) => !isSame(valueAt(before, key), valueAt(after, key)));
  const replaces = changed.filter((key) => replacing.has(key));
  const deleteBeforeReplace = replaces.length > 0 && oldInputs[CREATE_BEFORE_DELETE] !== true;
  return { hasChanges: changes.size > 0, changes, changed, replaces, deleteBeforeReplace };
}

function compare(
  before: Value | undefined,
  after: Value | undefined,
  path: string,
  replaces: boolean,
  into: Map<string, Change>,
): void {
  if (isSame(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(valueAt(before, key), valueAt(after, key), propertyPath(path, key), replaces, into);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare(before[index], after[index], `${path}[${index}]`, replaces, into);
    }
  } else {
    const kind = before === undefined ? "add" : after === undefined && !isUnknown(after) ? "delete" : "update";
    into.set(path, { kind, replaces });
  }
}
