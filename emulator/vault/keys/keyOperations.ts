import type { Operation, Request, Response } from "../../kernel/operation";
import { type Lifetimes, lookingFirst } from "../lifetimes";
import { existing } from "../objects/existingObject";
import { objectOperations } from "../objects/objectOperations";
import { authorize, sceneOf } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter } from "../vaultErrors";
import { createOperations } from "./createKey";
import { KEY_FACE, notReleasable } from "./keyDefinition";
import { rotationOperations } from "./keyRotation";
import { useOperations } from "./useOperations";

/** What Azure has for managed HSMs alone, refused as a vault refuses it. */
function hsmOperations(deps: VaultDependencies): Operation[] {
  const release = (request: Request): Response => {
    const { vault } = authorize(request, { kind: "key", action: "release" }, deps);
    existing(request, vault.key, "key", deps);
    throw notReleasable();
  };
  const attestation = (request: Request): Response => {
    const { vault } = authorize(request, { kind: "key", action: "get" }, deps);
    existing(request, vault.key, "key", deps);
    throw badParameter("Key attestation is of keys in a managed HSM alone.");
  };
  const random = (request: Request): Response => {
    sceneOf(request, deps);
    throw badParameter("Random numbers are given by a managed HSM alone, not by a vault.");
  };
  return [
    { name: "Release", method: "POST", path: "/keys/:name/:version/release", handle: release },
    { name: "GetKeyAttestation", method: "GET", path: "/keys/:name/:version/attestation", handle: attestation },
    { name: "GetRandomBytes", method: "POST", path: "/rng", handle: random },
  ];
}

/** Keys of vaults (REST reference, "Key Vault", Keys). */
export function keyOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  const get = (request: Request): Response => {
    const scene = authorize(request, { kind: "key", action: "get" }, deps);
    return { status: 200, body: KEY_FACE.bundle(existing(request, scene.vault.key, "key", deps), scene) };
  };
  const operations: Operation[] = [
    ...objectOperations(KEY_FACE, deps),
    { name: "GetKey", method: "GET", path: "/keys/:name/:version", handle: get },
    { name: "GetKey (latest)", method: "GET", path: "/keys/:name", handle: get },
    ...rotationOperations(lifetimes.rotation, deps),
  ];
  return [
    ...lookingFirst("key", operations, lifetimes, deps),
    ...createOperations(deps),
    ...useOperations(lifetimes, deps),
    ...hsmOperations(deps),
  ];
}
