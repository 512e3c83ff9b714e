import type { JsonObject } from "../../../azure/wire/jsonObject";
import { type MemberVersions, visibleMembers } from "../../kernel/memberVersions";
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

/** Reads `attributes` of a body that a schema has checked; ignores those that only the service sets. Throws 400. */
export function readAttributes(given: unknown): RequestedAttributes {
  const { enabled, nbf, exp } = (given ?? {}) as {
    readonly [Name in keyof RequestedAttributes]: RequestedAttributes[Name] | null;
  };
  if (typeof nbf === "number" && typeof exp === "number" && exp <= nbf) {
    throw badParameter("Property attributes.exp must be later than attributes.nbf.");
  }
  return Object.fromEntries(
    Object.entries({ enabled, nbf, exp }).filter(([, value]) => (value ?? undefined) !== undefined),
  );
}

/** Reads `tags` of a body that a schema has checked; undefined when it has none. */
export const readTags = (given: unknown): Tags | undefined => (given ?? undefined) as Tags | undefined;

/** Returns a vault's recovery level (REST reference, DeletionRecoveryLevel). */
export function recoveryLevelOf({ enablePurgeProtection, softDeleteRetentionInDays }: VaultRecord): string {
  const level = softDeleteRetentionInDays === 90 ? "Recoverable" : "CustomizedRecoverable";
  return enablePurgeProtection ? level : `${level}+Purgeable`;
}

/** Attributes by api-version: azure-keyvault-keys 4.7.0 and 4.9.0, which have models of each. */
const VERSIONS: MemberVersions = Object.freeze({
  stable: { "7.1": ["recoverableDays"], "7.3": ["exportable"], "7.5": ["hsmPlatform"] },
});

/** Dates follow the numbers 7.x; only 2016-10-01 is older. */
const comparable = (apiVersion: string): string => (apiVersion > "2016-10-01" && apiVersion < "7" ? "8" : apiVersion);

/** Attributes as bundles and lists have them. `more`: those of the kind. */
export const attributesBody = (
  attributes: Attributes,
  { vault, apiVersion }: { readonly vault: VaultRecord; readonly apiVersion: string },
  more: JsonObject = {},
): JsonObject =>
  visibleMembers(VERSIONS, comparable(apiVersion), {
    ...attributes,
    recoveryLevel: recoveryLevelOf(vault),
    recoverableDays: vault.softDeleteRetentionInDays,
    ...more,
  });
