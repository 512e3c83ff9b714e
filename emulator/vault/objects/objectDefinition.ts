import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import type { VaultRequestContext } from "../vaultAuthorization";
import { type ObjectKind, SEGMENTS } from "../vaultPermissions";
import { attributesBody } from "./objectAttributes";

import type { ObjectKey, ObjectVersion } from "./objectVersion";

/** A kind of object: its form on the wire, and its part in the common operations. */
export interface ObjectDefinition {
  readonly kind: ObjectKind;
  /** A version in full, as GET and DELETE give it, but for a secret's value. */
  bundle(object: ObjectVersion, context: VaultRequestContext): JsonObject;
  /** Returns an item of a list. `versioned`: of a list of versions, with the version in the ID. */
  item(object: ObjectVersion, context: VaultRequestContext, versioned: boolean): JsonObject;
  /** Returns the detail after a PATCH that changes more than attributes and tags. Throws 400. */
  change?(body: JsonObject, object: ObjectVersion, context: VaultRequestContext): JsonObject | undefined;
  /** Kinds that go and come back with this one under the same name: a certificate's key and secret. */
  readonly companions?: readonly ObjectKind[];
}

/** Returns the keys of an object and of those that are deleted and recovered with it. */
export const withCompanions = ({ kind, companions = [] }: ObjectDefinition, key: ObjectKey): ObjectKey[] =>
  [kind, ...companions].map((each) => ({ ...key, kind: each }));

/** Attributes, tags and `managed`, which all bundles and items have. `attributes`: those of the kind. */
export const commonBody = (
  object: ObjectVersion,
  context: VaultRequestContext,
  attributes: JsonObject = {},
): JsonObject => ({
  attributes: attributesBody(object.attributes, context, attributes),
  tags: object.tags,
  managed: object.managed || undefined,
});

/** `https://v.vault.azure.net/secrets/n[/version]` */
export const idOf = (vault: VaultRecord, kind: ObjectKind, name: string, version?: string): string =>
  ["https:/", vault.hostName, SEGMENTS[kind], name, ...(version === undefined ? [] : [version])].join("/");

/** `https://v.vault.azure.net/keys/n[/version]` */
export const objectId = (object: ObjectVersion, vault: VaultRecord, versioned: boolean): string =>
  idOf(vault, object.kind, object.name, versioned ? object.version : undefined);
