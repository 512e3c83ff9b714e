import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { deletedBody, settledAt, withCompanions } from "./deletedObject";
import { checkNotManaged, checkWritable, existing, LABELS, notFound } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";
import { nameOf } from "./objectNames";

/** `DELETE /secrets/{name}`: soft-deletes the object with its companions. */
export const deleteObject = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `Delete${LABELS[definition.kind]}`,
  method: "DELETE",
  path: `/${SEGMENTS[definition.kind]}/:name`,
  handle(request) {
    const { objects, database } = deps;
    const { kind } = definition;
    const context = authorize(request, { kind, action: "delete" }, deps);
    const key = { vault: context.vault.key, kind, name: nameOf(request) };
    if (objects.state(key) === undefined) throw notFound(kind, key.name);
    checkWritable(key, deps);
    const object = existing(request, context.vault.key, kind, deps);
    checkNotManaged(object, "delete");
    const options = { retention: context.vault.softDeleteRetentionInDays, settledAt: settledAt(deps) };
    database.transaction(() => {
      for (const each of withCompanions(definition, key)) objects.remove(each, options);
    });
    return { status: 200, body: deletedBody(definition, object, context, false, deps) };
  },
});
