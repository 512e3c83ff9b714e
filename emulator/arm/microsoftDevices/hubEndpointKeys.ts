import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { devicesError, type ErrorDependencies } from "../armErrors";
import { objectAt } from "../armRequest";
import { MASK } from "./linkedHubs";

/** The members of endpoints with keys: connection strings, and the keys of Azure Cosmos DB. */
const MEMBERS = ["connectionString", "primaryKey", "secondaryKey"];

/** The parts of a hub's properties that have such members. */
const PARTS = ["routing", "storageEndpoints"];

/** A key or a connection string as Azure returns it (recorded: azure-cli `test_iot_hub.yaml`). */
function masked(member: string, text: string): string {
  if (member !== "connectionString") return MASK;
  return text.replace(/(^|;)(SharedAccessKey|SharedAccessSignature|AccountKey)=[^;]*/gi, `$1$2=${MASK}`);
}

type Change = (member: string, text: string, endpoint: JsonObject) => string;

function withKeys(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((each) => withKeys(each, change));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, member]) => [
    name,
    MEMBERS.includes(name) && typeof member === "string" && member !== ""
      ? change(name, member, value)
      : withKeys(member, change),
  ]);
  return Object.fromEntries(entries);
}

const changedParts = (properties: JsonObject, change: (part: unknown, name: string) => unknown): JsonObject =>
  Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [name, PARTS.includes(name) ? change(part, name) : part]),
  );

/** A hub's properties as Azure returns them: with `****` in place of the keys of its endpoints. */
export const maskedKeys = (properties: JsonObject): JsonObject =>
  changedParts(properties, (part) => withKeys(part, masked));

/** The keys or connection strings in a part of a hub's properties that are at a member. */
function keysOf(part: unknown, wanted: string): readonly string[] {
  const found: string[] = [];
  withKeys(part, (member, text) => {
    if (member === wanted) found.push(text);
    return text;
  });
  return found;
}

/** The stored endpoint of a name, and the storage of file uploads, which has none. */
function storedLike(endpoint: JsonObject, part: unknown): unknown {
  if (!isObject(part)) return undefined;
  if (endpoint.name === undefined) return part;
  return Object.values(objectAt(part, "endpoints"))
    .flat()
    .find((each) => isObject(each) && each.name === endpoint.name);
}

/**
 * A hub's properties with the stored keys where a request has the mask: who reads, modifies and writes sends it back. Throws 400004
 * for a mask without a stored key, which is a guess.
 */
export function storedKeys(requested: JsonObject, before: JsonObject, deps: ErrorDependencies): JsonObject {
  return changedParts(requested, (part, name) =>
    withKeys(part, (member, text, endpoint) => {
      if (!text.includes(MASK) || masked(member, text) !== text) return text;
      const known = keysOf(storedLike(endpoint, before[name]), member);
      const stored = known.find((each) => masked(member, each) === text);
      if (stored !== undefined) return stored;
      const message = `The ${member} of '${String(endpoint.name ?? name)}' has ${MASK} in place of its key, and no key is stored.`;
      throw devicesError("invalidArgument", message, deps);
    }),
  );
}
