import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize, sceneOf } from "../authorize";
import { badParameter } from "../errors";
import { type Lifetimes, lookingFirst } from "../lifetimes";
import { objectOperations } from "../objects";
import { existing } from "../objects/existing";
import type { VaultParts } from "../parts";
import { createOperations } from "./create";
import { KEY_FACE, notReleasable } from "./keyFace";
import { rotationOperations } from "./rotation";
import { useOperations } from "./use";

/** What Azure has for managed HSMs alone, refused as a vault refuses it. */
function hsmOperations(parts: VaultParts): Operation[] {
  const release = (call: Call): Answer => {
    const { vault } = authorize(call, { kind: "key", action: "release" }, parts);
    existing(call, vault.key, "key", parts);
    throw notReleasable();
  };
  const attestation = (call: Call): Answer => {
    const { vault } = authorize(call, { kind: "key", action: "get" }, parts);
    existing(call, vault.key, "key", parts);
    throw badParameter("Key attestation is of keys in a managed HSM alone.");
  };
  const random = (call: Call): Answer => {
    sceneOf(call, parts);
    throw badParameter("Random numbers are given by a managed HSM alone, not by a vault.");
  };
  return [
    { name: "Release", method: "POST", path: "/keys/:name/:version/release", handle: release },
    { name: "GetKeyAttestation", method: "GET", path: "/keys/:name/:version/attestation", handle: attestation },
    { name: "GetRandomBytes", method: "POST", path: "/rng", handle: random },
  ];
}

/** Keys of vaults (REST reference, "Key Vault", Keys). */
export function keyOperations(lifetimes: Lifetimes, parts: VaultParts): Operation[] {
  const get = (call: Call): Answer => {
    const scene = authorize(call, { kind: "key", action: "get" }, parts);
    return { status: 200, body: KEY_FACE.bundle(existing(call, scene.vault.key, "key", parts), scene) };
  };
  const operations: Operation[] = [
    ...objectOperations(KEY_FACE, parts),
    { name: "GetKey", method: "GET", path: "/keys/:name/:version", handle: get },
    { name: "GetKey (latest)", method: "GET", path: "/keys/:name", handle: get },
    ...rotationOperations(lifetimes.rotation, parts),
  ];
  return [
    ...lookingFirst("key", operations, lifetimes, parts),
    ...createOperations(parts),
    ...useOperations(lifetimes, parts),
    ...hsmOperations(parts),
  ];
}
