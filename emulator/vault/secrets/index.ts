import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize } from "../authorize";
import { vaultError } from "../errors";
import { type Lifetimes, lookingFirst } from "../lifetimes";
import { objectBody, objectOperations } from "../objects";
import { existing } from "../objects/existing";
import { nameOf } from "../objects/names";
import type { ObjectVersion } from "../objects/objectVersion";
import type { VaultParts } from "../parts";
import { addSecret } from "./addSecret";
import { SECRET_FACE } from "./secretFace";

/**
 * Throws 403 for a disabled secret: its value is not given out. `nbf` and `exp` keep nobody from it: they tell clients what
 * to expect, and an expired secret can be read to recover what it opens (Azure documentation, "About Key Vault secrets").
 */
function checkReadable({ attributes }: ObjectVersion): void {
  if (attributes.enabled) return;
  throw vaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", { inner: "SecretDisabled" });
}

function set(call: Call, parts: VaultParts): Answer {
  const scene = authorize(call, { kind: "secret", action: "set" }, parts);
  const key = { vault: scene.vault.key, kind: "secret", name: nameOf(call) } as const;
  const body = objectBody(call);
  const secret = addSecret(key, body, parts);
  return { status: 200, body: { value: body.value, ...SECRET_FACE.bundle(secret, scene) } };
}

function get(call: Call, parts: VaultParts): Answer {
  const scene = authorize(call, { kind: "secret", action: "get" }, parts);
  const secret = existing(call, scene.vault.key, "secret", parts);
  checkReadable(secret);
  const value = parts.objects.material(secret).toString("utf8");
  return { status: 200, body: { value, ...SECRET_FACE.bundle(secret, scene) } };
}

/** Secrets (REST reference, "Secrets"). */
export function secretOperations(lifetimes: Lifetimes, parts: VaultParts): Operation[] {
  const operations: Operation[] = [
    { name: "SetSecret", method: "PUT", path: "/secrets/:name", handle: (call) => set(call, parts) },
    { name: "GetSecret (latest)", method: "GET", path: "/secrets/:name", handle: (call) => get(call, parts) },
    { name: "GetSecret", method: "GET", path: "/secrets/:name/:version", handle: (call) => get(call, parts) },
    ...objectOperations(SECRET_FACE, parts),
  ];
  return lookingFirst("secret", operations, lifetimes, parts);
}
