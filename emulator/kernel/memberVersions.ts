import { isObject, type JsonObject } from "../../azure/wire/jsonObject";

/**
 * Members of a body that an api-version brings: their paths by the version's date. An older api-version does not return
 * them. Below `previews` are those that only versions with `-preview` have.
 */
export interface MemberVersions {
  readonly stable: Readonly<Record<string, readonly string[]>>;
  readonly previews?: Readonly<Record<string, readonly string[]>>;
}

/** The paths of the members that an api-version does not know. */
function unknownPaths({ stable, previews = {} }: MemberVersions, apiVersion: string): string[] {
  const later = Object.entries(stable).filter(([since]) => apiVersion < since);
  const hidden = Object.entries(previews).filter(([since]) => apiVersion < since || !apiVersion.endsWith("-preview"));
  return [...later, ...hidden].flatMap(([, paths]) => paths);
}

function without(body: JsonObject, [name = "", ...rest]: readonly string[]): JsonObject {
  const value = body[name];
  if (rest.length === 0) {
    const { [name]: _, ...others } = body;
    return others;
  }
  return isObject(value) ? { ...body, [name]: without(value, rest) } : body;
}

function valueAt(body: JsonObject, [name = "", ...rest]: readonly string[]): unknown {
  const value = body[name];
  if (rest.length === 0) return value;
  return isObject(value) ? valueAt(value, rest) : undefined;
}

function withValue(body: JsonObject, [name = "", ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length === 0) return { ...body, [name]: value };
  const inner = body[name];
  return isObject(inner) ? { ...body, [name]: withValue(inner, rest, value) } : body;
}

/** Returns whether an api-version knows a member. */
export const knowsMember = (versions: MemberVersions, apiVersion: string, path: string): boolean =>
  !unknownPaths(versions, apiVersion).includes(path);

/** Returns a response's body without the members that its api-version does not know. */
export const visibleMembers = (versions: MemberVersions, apiVersion: string, body: JsonObject): JsonObject =>
  unknownPaths(versions, apiVersion).reduce((rest, path) => without(rest, path.split(".")), body);

/**
 * Returns a request's body in which the members that its api-version does not know are as they were: an older client
 * neither sees nor changes them, which is a guess.
 */
export const withUnknownMembers = (
  versions: MemberVersions,
  apiVersion: string,
  body: JsonObject,
  before: JsonObject,
): JsonObject =>
  unknownPaths(versions, apiVersion).reduce((changed, path) => {
    const names = path.split(".");
    const kept = valueAt(before, names);
    return kept === undefined ? without(changed, names) : withValue(changed, names, kept);
  }, body);
