import { unixSeconds } from "../../kernel/clock";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { checkNotManaged, checkWritable } from "../objects/existingObject";
import { isObject, type JsonObject, readAttributes, readTags } from "../objects/objectAttributes";
import { nameOf } from "../objects/objectNames";
import { objectBody } from "../objects/objectOperations";
import type { ObjectKey } from "../objects/objectVersion";
import { authorize, type Scene } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, noHardware, vaultError } from "../vaultErrors";
import { findCurve } from "./curves";
import { readPrivateJwk } from "./importJwk";
import { KEY_FACE, notReleasable } from "./keyDefinition";
import { detailOf, readKeyOps } from "./keyDetail";
import { exportMaterial, generateEc, generateRsa, type KeyMaterial, RSA_SIZES } from "./keyMaterial";
import { policyExpiry } from "./keyRotation";

/** Reads `kty`. Throws 400 for types of a managed HSM and for what needs an HSM: vaults here are software. */
function familyOf(kty: unknown, vault: VaultRecord): "RSA" | "EC" {
  if (kty === "RSA" || kty === "EC") return kty;
  if (kty === "RSA-HSM" || kty === "EC-HSM") throw noHardware(vault);
  const message = `Invalid kty value: ${String(kty ?? "").slice(0, 40)}`;
  throw vaultError(400, "BadParameter", message, { inner: "KeyTypeNotSupported" });
}

function checkReleasing(body: JsonObject): void {
  const attributes = isObject(body.attributes) ? body.attributes : {};
  if (attributes.exportable === true || (body.release_policy ?? undefined) !== undefined) throw notReleasable();
}

async function generated(body: JsonObject, family: "RSA" | "EC"): Promise<KeyMaterial> {
  if (family === "RSA") {
    const size = body.key_size ?? 2048;
    if (typeof size !== "number" || !RSA_SIZES.includes(size)) {
      throw badParameter(`Unsupported key size (${String(size)}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
    }
    const exponent = body.public_exponent ?? 65537;
    if (exponent !== 65537) throw badParameter("Property public_exponent has invalid value: vaults use 65537 alone.");
    return generateRsa(size);
  }
  const curve = findCurve(body.crv ?? "P-256");
  if (curve === undefined) throw badParameter(`Invalid crv value: ${String(body.crv).slice(0, 40)}`);
  const size = body.key_size ?? curve.bits;
  if (size !== curve.bits) throw badParameter(`Unsupported key size (${String(size)}) of a key on ${curve.name}.`);
  return generateEc(curve);
}

/** Adds a version out of a body and its material. Throws 400 for the body, 403 or 409 for the name. */
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
  const standing = deps.objects.find(key);
  if (standing) checkNotManaged(standing, "create");
}

/**
 * Makes the key that a body asks for. What it says wrongly is told before, not after: 400, 403, 501 for a premium vault's
 * hardware; 409 for the name. Making takes a while, so the name is to be judged again by {@link addKey}.
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

/** Create and import (REST reference, "Create Key", "Import Key"), also in the older shapes of document 004. */
export function createOperations(deps: VaultDependencies): Operation[] {
  const keyOf = (request: Request, { vault }: Scene): ObjectKey => ({
    vault: vault.key,
    kind: "key",
    name: nameOf(request),
  });

  const create = async (request: Request): Promise<Response> => {
    const scene = authorize(request, { kind: "key", action: "create" }, deps);
    const [key, body] = [keyOf(request, scene), objectBody(request)];
    const object = addKey(key, body, await materialFor(key, body, scene.vault, deps), body.key_ops, deps);
    return { status: 200, body: KEY_FACE.bundle(object, scene) };
  };
  const take = (request: Request): Response => {
    const scene = authorize(request, { kind: "key", action: "import" }, deps);
    const [key, body] = [keyOf(request, scene), objectBody(request)];
    if (!isObject(body.key)) throw badParameter("Property key has invalid value: it is a JSON Web Key.");
    const family = familyOf(body.key.kty, scene.vault);
    if (body.hsm === true || body.Hsm === true) throw noHardware(scene.vault);
    checkReleasing(body);
    const object = addKey(key, body, readPrivateJwk(body.key, family), body.key.key_ops, deps);
    return { status: 200, body: KEY_FACE.bundle(object, scene) };
  };
  return [
    { name: "CreateKey", method: "POST", path: "/keys/:name/create", handle: create },
    {
      name: "ImportKey",
      method: "PUT",
      path: "/keys/:name",
      // Document 004 creates by PUT: a body that brings no key asks for one.
      handle: (request) => (isObject(request.body) && request.body.key === undefined ? create(request) : take(request)),
    },
    { name: "ImportKey (document 004)", method: "POST", path: "/keys/:name/import", handle: take },
  ];
}
