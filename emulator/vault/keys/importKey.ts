import { isObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import { objectBody } from "../objects/objectBody";
import { nameOf } from "../objects/objectNames";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, noHardware } from "../vaultErrors";
import { create } from "./createKey";
import { readPrivateJwk } from "./importJwk";
import { KEY_DEFINITION } from "./keyDefinition";
import { addKey, checkReleasing, familyOf } from "./newKey";

/** `PUT /keys/{name}` (REST reference, "Import Key"), and `POST /keys/{name}/import` of document 004. */
export function importKey(deps: VaultDependencies): Operation[] {
  const take = (request: Request): Response => {
    const context = authorize(request, { kind: "key", action: "import" }, deps);
    const key = { vault: context.vault.key, kind: "key", name: nameOf(request) } as const;
    const body = objectBody(request);
    if (!isObject(body.key)) throw badParameter("Property key must be a JSON Web Key.");
    const family = familyOf(body.key.kty, context.vault);
    if (body.hsm === true || body.Hsm === true) throw noHardware(context.vault);
    checkReleasing(body);
    const object = addKey(key, body, readPrivateJwk(body.key, family), body.key.key_ops, deps);
    return { status: 200, body: KEY_DEFINITION.bundle(object, context) };
  };
  return [
    {
      name: "ImportKey",
      method: "PUT",
      path: "/keys/:name",
      // Document 004 creates by PUT: a body without a key requests a new one.
      handle: (request) =>
        isObject(request.body) && request.body.key === undefined ? create(request, deps) : take(request),
    },
    { name: "ImportKey (document 004)", method: "POST", path: "/keys/:name/import", handle: take },
  ];
}
