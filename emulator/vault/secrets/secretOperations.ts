import type { Operation, Request, Response } from "../../kernel/operation";
import { type Lifetimes, lookingFirst } from "../lifetimes";
import { existing } from "../objects/existingObject";
import { nameOf } from "../objects/objectNames";
import { objectBody, objectOperations } from "../objects/objectOperations";
import type { ObjectVersion } from "../objects/objectVersion";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { addSecret } from "./addSecret";
import { SECRET_FACE } from "./secretDefinition";

/**
 * Throws 403 for a disabled secret: its value is not given out. `nbf` and `exp` keep nobody from it: they tell clients what
 * to expect, and an expired secret can be read to recover what it opens (Azure documentation, "About Key Vault secrets").
 */
function checkReadable({ attributes }: ObjectVersion): void {
  if (attributes.enabled) return;
  throw vaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", { inner: "SecretDisabled" });
}

function set(request: Request, deps: VaultDependencies): Response {
  const scene = authorize(request, { kind: "secret", action: "set" }, deps);
  const key = { vault: scene.vault.key, kind: "secret", name: nameOf(request) } as const;
  const body = objectBody(request);
  const secret = addSecret(key, body, deps);
  return { status: 200, body: { value: body.value, ...SECRET_FACE.bundle(secret, scene) } };
}

function get(request: Request, deps: VaultDependencies): Response {
  const scene = authorize(request, { kind: "secret", action: "get" }, deps);
  const secret = existing(request, scene.vault.key, "secret", deps);
  checkReadable(secret);
  const value = deps.objects.material(secret).toString("utf8");
  return { status: 200, body: { value, ...SECRET_FACE.bundle(secret, scene) } };
}

/** Secrets (REST reference, "Secrets"). */
export function secretOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  const operations: Operation[] = [
    { name: "SetSecret", method: "PUT", path: "/secrets/:name", handle: (request) => set(request, deps) },
    { name: "GetSecret (latest)", method: "GET", path: "/secrets/:name", handle: (request) => get(request, deps) },
    { name: "GetSecret", method: "GET", path: "/secrets/:name/:version", handle: (request) => get(request, deps) },
    ...objectOperations(SECRET_FACE, deps),
  ];
  return lookingFirst("secret", operations, lifetimes, deps);
}
