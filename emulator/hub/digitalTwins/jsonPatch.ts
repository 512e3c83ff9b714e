import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";

/** An operation of JSON Patch (RFC 6902). */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  /** A JSON Pointer. */
  readonly path: string;
  readonly value?: unknown;
}

const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Returns the names in a JSON Pointer (RFC 6901); undefined for what is none. */
export function pointerOf(path: string): readonly string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  return path
    .slice(1)
    .split("/")
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Returns the operations that make one object another, by names in alphabetical order. */
export function patchOf(before: JsonObject, after: JsonObject, path = ""): PatchOperation[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): PatchOperation[] => {
    const at = `${path}/${escaped(name)}`;
    if (!Object.hasOwn(after, name)) return [{ op: "remove", path: at }];
    const [old, value] = [before[name], after[name]];
    if (!Object.hasOwn(before, name)) return [{ op: "add", path: at, value }];
    if (isObject(old) && isObject(value)) return patchOf(old, value, at);
    return isDeepStrictEqual(old, value) ? [] : [{ op: "replace", path: at, value }];
  });
}
