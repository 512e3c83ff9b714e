import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { SEGMENTS } from "../vaultPermissions";
import { deletedObject, withCompanions } from "./deletedObject";
import { checkNotManaged, LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";

/** `DELETE /deletedsecrets/{name}` */
export const purgeDeletedObject = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `PurgeDeleted${LABELS[definition.kind]}`,
  method: "DELETE",
  path: `/deleted${SEGMENTS[definition.kind]}/:name`,
  handle(request) {
    const context = authorize(request, { kind: definition.kind, action: "purge" }, deps);
    const object = deletedObject(definition, request, context, deps);
    checkNotManaged(object, "purge");
    if (context.vault.enablePurgeProtection) {
      const message = `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.`;
      throw vaultError(403, "Forbidden", message, { inner: "ForbiddenByPolicy" });
    }
    deps.database.transaction(() => {
      for (const each of withCompanions(definition, object)) deps.objects.purge(each);
    });
    return { status: 204 };
  },
});
