import type { JsonObject } from "../../../azure/wire/jsonObject";
import { commonBody, idOf, type ObjectDefinition, objectId } from "../objects/objectDefinition";
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

/** Secrets in bundles and lists; only set and get add the value. */
export const SECRET_DEFINITION: ObjectDefinition = Object.freeze({
  kind: "secret",
  bundle(object, context) {
    return SECRET_DEFINITION.item(object, context, true);
  },
  item: (object, { vault }, versioned) => ({
    id: objectId(object, vault, versioned),
    contentType: object.detail.contentType,
    // The key that belongs to a certificate's secret.
    kid: object.managed && versioned ? idOf(vault, "key", object.name, object.version) : undefined,
    ...commonBody(object, vault),
  }),
  change(body, object) {
    const contentType = readContentType(body);
    return contentType === undefined ? undefined : { ...object.detail, contentType };
  },
} satisfies ObjectDefinition);
