import type { JsonObject } from "../../../azure/wire/jsonObject";
import { checkNotManaged, checkWritable } from "../objects/existingObject";
import { readAttributes, readTags } from "../objects/objectAttributes";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter } from "../vaultErrors";
import { readContentType } from "./secretDefinition";

/** Maximum bytes of a secret (Azure documentation, "About Key Vault secrets"). */
const VALUE_LIMIT = 25 * 1024;

/** Adds a version from a body (`value`, `contentType`, `attributes`, `tags`). Throws 400, 403 or 409. */
export function addSecret(key: ObjectKey, body: JsonObject, deps: VaultDependencies): ObjectVersion {
  const { value } = body;
  if (typeof value !== "string") throw badParameter("Property value must be a text: the secret.");
  const material = Buffer.from(value, "utf8");
  if (material.length > VALUE_LIMIT) {
    throw badParameter(`Property value has ${material.length} bytes: a secret has at most ${VALUE_LIMIT}.`);
  }
  const contentType = readContentType(body);
  const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
  checkWritable(key, deps);
  const before = deps.objects.find(key);
  if (before) checkNotManaged(before, "set");
  const detail = contentType === undefined ? {} : { contentType };
  return deps.objects.add(key, { attributes, tags, detail, material });
}
