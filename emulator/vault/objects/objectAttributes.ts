import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { badParameter } from "../vaultErrors";

/** Attributes of a version. Times in whole seconds since 1970. */
export interface Attributes {
  readonly enabled: boolean;
  readonly nbf?: number;
  readonly exp?: number;
  readonly created: number;
  readonly updated: number;
}

/** The attributes that a client may set. */
export type RequestedAttributes = Partial<Pick<Attributes, "enabled" | "nbf" | "exp">>;
export type Tags = Readonly<Record<string, string>>;

/** Tags of one object, and characters of a tag's name or value (Azure documentation, "Key Vault secret-specific attributes"). */
const [TAG_LIMIT, TAG_LENGTH] = [15, 256];

/** Reads `attributes` of a body; ignores those that only the service sets. Throws 400. */
export function readAttributes(given: unknown): RequestedAttributes {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw badParameter("Property 'attributes' must be an object.");
  const { enabled, nbf, exp } = given;
  if (enabled !== undefined && enabled !== null && typeof enabled !== "boolean") {
    throw badParameter("Property attributes.enabled must be true or false.");
  }
  const time = (name: string, value: unknown): number | undefined => {
    if (value === undefined || value === null) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
    throw badParameter(`Property attributes.${name} must be whole seconds since 1970.`);
  };
  const [from, to] = [time("nbf", nbf), time("exp", exp)];
  if (from !== undefined && to !== undefined && to <= from) {
    throw badParameter("Property attributes.exp must be later than attributes.nbf.");
  }
  return {
    ...(typeof enabled === "boolean" ? { enabled } : {}),
    ...(from === undefined ? {} : { nbf: from }),
    ...(to === undefined ? {} : { exp: to }),
  };
}

/** Reads `tags` of a body; undefined when it has none. Throws 400. */
export function readTags(given: unknown): Tags | undefined {
  if (given === undefined || given === null) return undefined;
  const entries = isObject(given) ? Object.entries(given) : undefined;
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === "string")) {
    throw badParameter("Property 'tags' must be an object of strings.");
  }
  if (entries.length > TAG_LIMIT) throw badParameter(`An object has at most ${TAG_LIMIT} tags.`);
  const long = entries.find(([name, value]) => name.length > TAG_LENGTH || value.length > TAG_LENGTH);
  if (long) throw badParameter(`The tag '${long[0].slice(0, 40)}' is longer than ${TAG_LENGTH} characters.`);
  return Object.fromEntries(entries);
}

/** Returns a vault's recovery level (REST reference, DeletionRecoveryLevel). */
export function recoveryLevelOf({ enablePurgeProtection, softDeleteRetentionInDays }: VaultRecord): string {
  const level = softDeleteRetentionInDays === 90 ? "Recoverable" : "CustomizedRecoverable";
  return enablePurgeProtection ? level : `${level}+Purgeable`;
}

/** Attributes as bundles and lists have them. */
export const attributesBody = (attributes: Attributes, vault: VaultRecord): JsonObject => ({
  ...attributes,
  recoveryLevel: recoveryLevelOf(vault),
  recoverableDays: vault.softDeleteRetentionInDays,
});
