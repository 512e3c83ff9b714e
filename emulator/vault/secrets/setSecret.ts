import type { Operation } from "../../kernel/operation";
import { objectBody } from "../objects/objectBody";
import { nameOf } from "../objects/objectNames";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { addSecret } from "./addSecret";
import { SECRET_DEFINITION } from "./secretDefinition";

/** `PUT /secrets/{name}`: adds a version. */
export const setSecret = (deps: VaultDependencies): Operation => ({
  name: "SetSecret",
  method: "PUT",
  path: "/secrets/:name",
  handle(request) {
    const context = authorize(request, { kind: "secret", action: "set" }, deps);
    const body = objectBody(request);
    const secret = addSecret({ vault: context.vault.key, kind: "secret", name: nameOf(request) }, body, deps);
    return { status: 200, body: { value: body.value, ...SECRET_DEFINITION.bundle(secret, context) } };
  },
});
