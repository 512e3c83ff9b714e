import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { deletedBody, deletedObject } from "./deletedObject";
import { LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";

/** `GET /deletedsecrets/{name}` */
export const getDeletedObject = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `GetDeleted${LABELS[definition.kind]}`,
  method: "GET",
  path: `/deleted${SEGMENTS[definition.kind]}/:name`,
  handle(request) {
    const context = authorize(request, { kind: definition.kind, action: "getDeleted" }, deps);
    const object = deletedObject(definition, request, context, deps);
    return { status: 200, body: deletedBody(definition, object, context, false, deps) };
  },
});
