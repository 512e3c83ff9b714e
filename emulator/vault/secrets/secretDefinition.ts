import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { commonBody, type ObjectDefinition, objectId } from "../objects/objectDefinition";
import { idOf } from "../objects/objectNames";
import type { ObjectVersion } from "../objects/objectVersion";
import { badParameter } from "../vaultErrors";

/** Characters of a content type (REST reference, "Set Secret"). */
const CONTENT_TYPE_LIMIT = 255;

/** Reads `contentType`; undefined when it is not given. Throws 400. */
export function readContentType(body: JsonObject): string | undefined {
  const { contentType } = body;
  if (contentType === undefined || contentType === null) return undefined;
  if (typeof contentType === "string" && contentType.length <= CONTENT_TYPE_LIMIT) return contentType;
  throw badParameter(`Property contentType must be a text of at most ${CONTENT_TYPE_LIMIT} characters.`);
}

function common(object: ObjectVersion, vault: VaultRecord, versioned: boolean): JsonObject {
  const { contentType } = object.detail;
  return {
    id: objectId(object, vault, versioned),
    ...(contentType === undefined ? {} : { contentType }),
    // The key that belongs to a certificate's secret.
    ...(object.managed && versioned ? { kid: idOf(vault, "key", object.name, object.version) } : {}),
    ...commonBody(object, vault),
  };
}

/** Secrets in bundles and lists; only set and get add the value. */
export const SECRET_DEFINITION: ObjectDefinition = Object.freeze({
  kind: "secret",
  bundle: (object, { vault }) => common(object, vault, true),
  item: (object, { vault }, versioned) => common(object, vault, versioned),
  change(body, object) {
    const contentType = readContentType(body);
    return contentType === undefined ? undefined : { ...object.detail, contentType };
  },
} satisfies ObjectDefinition);
