import { isObject } from "../../../azure/wire/jsonObject";
import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { SEGMENTS } from "../vaultPermissions";
import { withCompanions } from "./deletedObject";
import { checkWritable, LABELS } from "./existingObject";
import { openBackup } from "./objectBackup";
import type { ObjectDefinition } from "./objectDefinition";

/** `POST /secrets/restore` */
export const restoreObject = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `Restore${LABELS[definition.kind]}`,
  method: "POST",
  path: `/${SEGMENTS[definition.kind]}/restore`,
  handle(request) {
    const { objects } = deps;
    const { kind } = definition;
    const context = authorize(request, { kind, action: "restore" }, deps);
    const backup = openBackup(isObject(request.body) ? request.body.value : undefined, kind, deps);
    const key = { vault: context.vault.key, kind, name: backup.name };
    for (const each of withCompanions(definition, key)) {
      checkWritable(each, deps);
      if (objects.state(each)) {
        throw vaultError(409, "Conflict", `${LABELS[each.kind]} ${each.name} already exists in this key vault.`);
      }
    }
    deps.database.transaction(() => {
      for (const { kind: each, about, versions } of backup.parts) {
        const target = { ...key, kind: each };
        for (const { attributes, material, ...rest } of versions) {
          const times = { created: attributes.created, updated: attributes.updated };
          const opened = material === undefined ? {} : { material: Buffer.from(material, "base64") };
          objects.add(target, { ...rest, attributes, times, ...opened });
        }
        objects.setAbout(target, about);
      }
    });
    const restored = objects.find(key);
    if (!restored) throw new Error(`the restored ${kind} ${key.name} is missing`);
    return { status: 200, body: definition.bundle(restored, context) };
  },
});
