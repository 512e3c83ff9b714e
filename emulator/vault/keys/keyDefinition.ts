import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { commonBody, type ObjectDefinition, objectId } from "../objects/objectDefinition";
import type { ObjectVersion } from "../objects/objectVersion";
import { vaultError } from "../vaultErrors";
import { keyDetail, readKeyOps } from "./keyDetail";

function common(object: ObjectVersion, vault: VaultRecord): JsonObject {
  const body = commonBody(object, vault);
  return { ...body, attributes: { ...(body.attributes as JsonObject), exportable: keyDetail(object).exportable } };
}

/** Keys on the wire (REST reference, KeyBundle and KeyItem): public keys only. */
export const KEY_DEFINITION: ObjectDefinition = Object.freeze<ObjectDefinition>({
  kind: "key",
  bundle(object, { vault }) {
    const { keyOps, jwk } = keyDetail(object);
    const { kty, ...rest } = jwk;
    return { key: { kid: objectId(object, vault, true), kty, key_ops: keyOps, ...rest }, ...common(object, vault) };
  },
  item: (object, { vault }, versioned) => ({ kid: objectId(object, vault, versioned), ...common(object, vault) }),
  change(body, object) {
    if (body.release_policy !== undefined && body.release_policy !== null) throw notReleasable();
    const keyOps = readKeyOps(body.key_ops, keyDetail(object).kty);
    return keyOps === undefined ? undefined : { ...object.detail, keyOps };
  },
});

/** 403: secure key release needs a key in an HSM, which no vault here has. */
export const notReleasable = (): Error =>
  vaultError(403, "Forbidden", "Key release needs an exportable key of type RSA-HSM or EC-HSM.", {
    inner: "KeyNotExportable",
  });
