import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { type Operation, ok } from "../../kernel/operation";
import { applyDuePolicies, type Lifetimes } from "../lifetimes";
import { existing } from "../objects/existingObject";
import { objectOperations } from "../objects/objectOperations";
import { keyOf, readBody } from "../objects/objectRequest";
import { authorized, requestContext } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, noHardware } from "../vaultErrors";
import { cryptographicOperations } from "./cryptographicOperations";
import { KEY_DEFINITION, notReleasable } from "./keyDefinition";
import { readPrivateJwk } from "./keyMaterial";
import { rotationOperations } from "./keyRotationOperations";
import { addKey, checkReleasing, familyOf, materialFor } from "./newKey";

/** The operations on keys (REST reference, "Keys"). */
export function keyOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  const operations = [
    ...objectOperations(KEY_DEFINITION, deps),
    ...getOperations(deps),
    ...rotationOperations(lifetimes.rotation, deps),
  ];
  return [
    ...applyDuePolicies("key", operations, lifetimes, deps),
    ...createOperations(deps),
    ...cryptographicOperations(lifetimes, deps),
    ...managedHsmOperations(deps),
  ];
}

function getOperations(deps: VaultDependencies): Operation[] {
  const get = authorized({ kind: "key", action: "get" }, deps, (request, context) =>
    ok(KEY_DEFINITION.bundle(existing(request, context.vault.key, "key", deps), context)),
  );
  return [
    { name: "GetKey", method: "GET", path: "/keys/:name/:version", handle: get },
    { name: "GetKey (latest)", method: "GET", path: "/keys/:name", handle: get },
  ];
}

/** Create and import (REST reference, "Create Key", "Import Key"); document 004 imports by another path. */
function createOperations(deps: VaultDependencies): Operation[] {
  const create = authorized({ kind: "key", action: "create" }, deps, async (request, context) => {
    const [key, body] = [keyOf(request, context, "key"), readBody(request, "keyVault.createKey")];
    const object = addKey(key, body, await materialFor(key, body, context.vault, deps), body.key_ops, deps);
    return ok(KEY_DEFINITION.bundle(object, context));
  });
  const importKey = authorized({ kind: "key", action: "import" }, deps, (request, context) => {
    const [key, body] = [keyOf(request, context, "key"), readBody(request, "keyVault.importKey")];
    const jwk = body.key as JsonObject;
    const family = familyOf(jwk.kty, context.vault);
    if (body.hsm === true || body.Hsm === true) throw noHardware(context.vault);
    checkReleasing(body);
    const object = addKey(key, body, readPrivateJwk(jwk, family), jwk.key_ops, deps);
    return ok(KEY_DEFINITION.bundle(object, context));
  });
  // Document 004 creates by PUT: a body without a key requests a new one.
  const put: Operation["handle"] = (request) =>
    isObject(request.body) && request.body.key === undefined ? create(request) : importKey(request);
  return [
    { name: "CreateKey", method: "POST", path: "/keys/:name/create", handle: create },
    { name: "ImportKey", method: "PUT", path: "/keys/:name", handle: put },
    { name: "ImportKey (document 004)", method: "POST", path: "/keys/:name/import", handle: importKey },
  ];
}

/** Operations of managed HSMs only, with the errors of a vault. */
function managedHsmOperations(deps: VaultDependencies): Operation[] {
  const release = authorized({ kind: "key", action: "release" }, deps, (request, { vault }) => {
    existing(request, vault.key, "key", deps);
    throw notReleasable();
  });
  const attestation = authorized({ kind: "key", action: "get" }, deps, (request, { vault }) => {
    existing(request, vault.key, "key", deps);
    throw badParameter("Key attestation is available for keys in a managed HSM only.");
  });
  const random: Operation["handle"] = (request) => {
    requestContext(request, deps);
    throw badParameter("Random numbers are available from a managed HSM only, not from a vault.");
  };
  return [
    { name: "Release", method: "POST", path: "/keys/:name/:version/release", handle: release },
    { name: "GetKeyAttestation", method: "GET", path: "/keys/:name/:version/attestation", handle: attestation },
    { name: "GetRandomBytes", method: "POST", path: "/rng", handle: random },
  ];
}
