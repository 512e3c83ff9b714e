import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { deletedObject, settledAt, withCompanions } from "./deletedObject";
import { checkNotManaged, LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";

/** `POST /deletedsecrets/{name}/recover` */
export const recoverDeletedObject = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `RecoverDeleted${LABELS[definition.kind]}`,
  method: "POST",
  path: `/deleted${SEGMENTS[definition.kind]}/:name/recover`,
  handle(request) {
    const context = authorize(request, { kind: definition.kind, action: "recover" }, deps);
    const object = deletedObject(definition, request, context, deps);
    checkNotManaged(object, "recover");
    const settled = settledAt(deps);
    deps.database.transaction(() => {
      for (const each of withCompanions(definition, object)) deps.objects.recover(each, settled);
    });
    return { status: 200, body: definition.bundle(object, context) };
  },
});
