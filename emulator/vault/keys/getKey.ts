import type { Operation } from "../../kernel/operation";
import { existing } from "../objects/existingObject";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { KEY_DEFINITION } from "./keyDefinition";

/** `GET /keys/{name}/{version}`; without a version: the latest. */
export function getKey(deps: VaultDependencies): Operation[] {
  const handle: Operation["handle"] = (request) => {
    const context = authorize(request, { kind: "key", action: "get" }, deps);
    return { status: 200, body: KEY_DEFINITION.bundle(existing(request, context.vault.key, "key", deps), context) };
  };
  return [
    { name: "GetKey", method: "GET", path: "/keys/:name/:version", handle },
    { name: "GetKey (latest)", method: "GET", path: "/keys/:name", handle },
  ];
}
