import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { checkNotManaged, checkWritable } from "../objects/existingObject";
import { readAttributes, readTags } from "../objects/objectAttributes";
import type { ObjectKey } from "../objects/objectVersion";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, noHardware, vaultError } from "../vaultErrors";
import { findCurve } from "./curves";
import { checkReleasePolicy, detailOf, readKeyOps } from "./keyDefinition";
import { exportMaterial, generateEc, generateRsa, type KeyMaterial, RSA_SIZES } from "./keyMaterial";
import { policyExpiry } from "./keyRotationOperations";

/** Reads `kty`. Throws 400 for unsupported types, and {@link noHardware} for those of an HSM. */
export function familyOf(kty: unknown, vault: VaultRecord): "RSA" | "EC" {
  if (kty === "RSA" || kty === "EC") return kty;
  if (kty === "RSA-HSM" || kty === "EC-HSM") throw noHardware(vault);
  const message = `Invalid kty value: ${String(kty ?? "").slice(0, 40)}`;
  throw vaultError(400, "BadParameter", message, { inner: "KeyTypeNotSupported" });
}

/** Throws 400 for what only keys in HSMs can do, with Azure's messages (azure-sdk-for-java#23276, azure-cli#28288). */
export function checkReleasing(body: JsonObject): void {
  const attributes = isObject(body.attributes) ? body.attributes : {};
  if (attributes.exportable === true) {
    throw badParameter(
      "AKV.SKR.1001: The exportable attribute is only supported with premium vaults and API version >= '7.3-preview'.",
    );
  }
  checkReleasePolicy(body);
}

async function generated(body: JsonObject, family: "RSA" | "EC"): Promise<KeyMaterial> {
  if (family === "RSA") {
    const size = body.key_size ?? 2048;
    if (typeof size !== "number" || !RSA_SIZES.includes(size)) {
      throw badParameter(`Unsupported key size (${String(size)}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
    }
    // Azure ignores public_exponent of keys in software.
    return generateRsa(size);
  }
  const curve = findCurve(body.crv ?? "P-256");
  if (curve === undefined) throw badParameter(`Invalid crv value: ${String(body.crv).slice(0, 40)}`);
  const size = body.key_size ?? curve.bits;
  if (size !== curve.bits) throw badParameter(`Unsupported key size (${String(size)}) of a key on ${curve.name}.`);
  return generateEc(curve);
}

/** Adds a version from a body and its material. Throws 400 for the body, 403 or 409 for the name. */
export function addKey(
  key: ObjectKey,
  body: JsonObject,
  material: KeyMaterial,
  keyOps: unknown,
  deps: VaultDependencies,
) {
  const { objects, clock } = deps;
  checkFree(key, deps);
  const attributes = readAttributes(body.attributes);
  const expiry = policyExpiry(key, unixSeconds(clock), deps);
  return objects.add(key, {
    attributes: { ...(expiry === undefined ? {} : { exp: expiry }), ...attributes },
    tags: readTags(body.tags),
    detail: detailOf(material, readKeyOps(keyOps, material.jwk.kty)),
    material: exportMaterial(material),
  });
}

function checkFree(key: ObjectKey, deps: VaultDependencies): void {
  checkWritable(key, deps);
  const current = deps.objects.find(key);
  if (current) checkNotManaged(current, "create");
}

/**
 * Validates a body and generates its key. Throws 400, 403, 409 for the name, or 501 for a premium vault's hardware. Since
 * generation takes a while, {@link addKey} checks the name again.
 */
export async function materialFor(
  key: ObjectKey,
  body: JsonObject,
  vault: VaultRecord,
  deps: VaultDependencies,
): Promise<KeyMaterial> {
  const family = familyOf(body.kty, vault);
  checkReleasing(body);
  checkFree(key, deps);
  readAttributes(body.attributes);
  readTags(body.tags);
  readKeyOps(body.key_ops, family);
  return generated(body, family);
}
