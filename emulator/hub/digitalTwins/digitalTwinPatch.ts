import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { Twin } from "../twins/twinStore";
import { COMPONENT_MARKER, isComponent } from "./digitalTwinDocument";
import { type PatchOperation, pointerOf } from "./jsonPatch";

/** A name of a component or property (Azure documentation, "Manage IoT Plug and Play digital twins – Name": DTDL, version 2). */
const NAME = /^[A-Za-z](?:[A-Za-z0-9_]{0,62}[A-Za-z0-9])?$/;

const invalid = (text: string) => hubError("ArgumentInvalid", text);

/** The desired part of a component; the value of an added one has `$metadata`, which says that it is a component. */
function componentOf(value: JsonObject): JsonObject {
  const { $metadata: _, ...properties } = value;
  return { [COMPONENT_MARKER]: "c", ...properties };
}

/** Returns one operation as a merge patch of desired properties. Throws ArgumentInvalid. */
function desiredOf({ op, path, value }: PatchOperation, known: (name: string) => boolean): JsonObject {
  const [name = "", property, ...rest] = pointerOf(path) ?? [];
  if (rest.length > 0 || ![name, property ?? name].every((each) => NAME.test(each))) {
    throw invalid(`path must be /PROPERTY, /COMPONENT or /COMPONENT/PROPERTY, not ${JSON.stringify(path)}`);
  }
  if (op === "remove") {
    if (property === undefined) return { [name]: null };
    if (!known(name)) throw invalid(`${name} is no component of the digital twin`);
    return { [name]: { [property]: null } };
  }
  if (value === undefined || value === null) throw invalid(`value of ${path} is required`);
  if (property === undefined) {
    return { [name]: isObject(value) && isObject(value.$metadata) ? componentOf(value) : value };
  }
  // A component that the digital twin does not have yet is added as a whole.
  if (!known(name)) throw invalid(`${name} is no component of the digital twin`);
  return { [name]: { [COMPONENT_MARKER]: "c", [property]: value } };
}

/**
 * Reads a patch of a digital twin, as a merge patch of the twin's desired properties. Throws ArgumentInvalid: which error Azure returns is
 * not on record.
 */
export function readDigitalTwinPatch(body: unknown, { desired, reported }: Twin): JsonObject {
  const operations = readBody<readonly PatchOperation[]>(body, "hub.digitalTwinPatch");
  const added = new Set<string>();
  const known = (name: string): boolean =>
    added.has(name) || [desired, reported].some((part) => Object.hasOwn(part, name) && isComponent(part[name]));
  return operations.reduce<JsonObject>((patch, operation) => {
    const next = desiredOf(operation, known);
    for (const [name, value] of Object.entries(next)) if (isComponent(value)) added.add(name);
    return combined(patch, next);
  }, {});
}

/** A merge patch after another one: unlike in a twin, null stays. */
function combined(one: JsonObject, other: JsonObject): JsonObject {
  const entries = Object.entries(other).map(([name, value]) => {
    const before = one[name];
    return [name, isObject(before) && isObject(value) ? { ...before, ...value } : value];
  });
  return { ...one, ...Object.fromEntries(entries) };
}
