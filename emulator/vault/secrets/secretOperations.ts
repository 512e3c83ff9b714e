import type { JsonObject } from "../../../azure/wire/jsonObject";
import { type Operation, ok } from "../../kernel/operation";
import { applyDuePolicies, type Lifetimes } from "../lifetimes";
import { checkNotManaged, checkWritable, existing } from "../objects/existingObject";
import { readAttributes, readTags } from "../objects/objectAttributes";
import { commonBody, idOf, type ObjectDefinition, objectId } from "../objects/objectDefinition";
import { objectOperations } from "../objects/objectOperations";
import { keyOf, readBody } from "../objects/objectRequest";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { authorized } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, vaultError } from "../vaultErrors";

/** Reads `contentType` of a body that a schema has checked; undefined when it is not given. */
export const readContentType = ({ contentType }: JsonObject): string | undefined =>
  (contentType ?? undefined) as string | undefined;

/** Secrets in bundles and lists; only set and get add the value. */
export const SECRET_DEFINITION: ObjectDefinition = Object.freeze({
  kind: "secret",
  bundle(object, context) {
    return SECRET_DEFINITION.item(object, context, true);
  },
  item: (object, context, versioned) => ({
    id: objectId(object, context.vault, versioned),
    contentType: object.detail.contentType,
    // The key that belongs to a certificate's secret.
    kid: object.managed && versioned ? idOf(context.vault, "key", object.name, object.version) : undefined,
    ...commonBody(object, context),
  }),
  change(body, object) {
    const contentType = readContentType(body);
    return contentType === undefined ? undefined : { ...object.detail, contentType };
  },
} satisfies ObjectDefinition);

/** Maximum bytes of a secret (Azure documentation, "About Key Vault secrets"). */
const VALUE_LIMIT = 25 * 1024;

/** Adds a version from a body (`value`, `contentType`, `attributes`, `tags`). Throws 400, 403 or 409. */
export function addSecret(key: ObjectKey, body: JsonObject, deps: VaultDependencies): ObjectVersion {
  const material = Buffer.from(String(body.value), "utf8");
  if (material.length > VALUE_LIMIT) {
    throw badParameter(`Property value has ${material.length} bytes: a secret has at most ${VALUE_LIMIT}.`);
  }
  const detail = { contentType: readContentType(body) };
  const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
  checkWritable(key, deps);
  const before = deps.objects.find(key);
  if (before) checkNotManaged(before, "set");
  return deps.objects.add(key, { attributes, tags, detail, material });
}

/** The operations on secrets (REST reference, "Secrets"). */
export function secretOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  const set = authorized({ kind: "secret", action: "set" }, deps, (request, context) => {
    const body = readBody(request, "keyVault.setSecret");
    const secret = addSecret(keyOf(request, context, "secret"), body, deps);
    return ok({ value: body.value, ...SECRET_DEFINITION.bundle(secret, context) });
  });

  /**
   * Throws 403 for a disabled secret. `nbf` and `exp` do not restrict reads: they inform clients, and an expired secret can
   * be read for recovery (Azure documentation, "About Key Vault secrets").
   */
  const get = authorized({ kind: "secret", action: "get" }, deps, (request, context) => {
    const secret = existing(request, context.vault.key, "secret", deps);
    if (!secret.attributes.enabled) {
      const message = "Operation get is not allowed on a disabled secret.";
      throw vaultError(403, "Forbidden", message, { inner: "SecretDisabled" });
    }
    const value = deps.objects.material(secret).toString("utf8");
    return ok({ value, ...SECRET_DEFINITION.bundle(secret, context) });
  });

  const operations: Operation[] = [
    { name: "SetSecret", method: "PUT", path: "/secrets/:name", handle: set },
    { name: "GetSecret (latest)", method: "GET", path: "/secrets/:name", handle: get },
    { name: "GetSecret", method: "GET", path: "/secrets/:name/:version", handle: get },
    ...objectOperations(SECRET_DEFINITION, deps),
  ];
  return applyDuePolicies("secret", operations, lifetimes, deps);
}
