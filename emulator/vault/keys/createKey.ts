import type { Operation, Request, Response } from "../../kernel/operation";
import { objectBody } from "../objects/objectBody";
import { nameOf } from "../objects/objectNames";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { KEY_DEFINITION } from "./keyDefinition";
import { addKey, materialFor } from "./newKey";

/** Generates a key, and adds it as a version. */
export async function create(request: Request, deps: VaultDependencies): Promise<Response> {
  const context = authorize(request, { kind: "key", action: "create" }, deps);
  const key = { vault: context.vault.key, kind: "key", name: nameOf(request) } as const;
  const body = objectBody(request);
  const object = addKey(key, body, await materialFor(key, body, context.vault, deps), body.key_ops, deps);
  return { status: 200, body: KEY_DEFINITION.bundle(object, context) };
}

/** `POST /keys/{name}/create` (REST reference, "Create Key") */
export const createKey = (deps: VaultDependencies): Operation => ({
  name: "CreateKey",
  method: "POST",
  path: "/keys/:name/create",
  handle: (request) => create(request, deps),
});
