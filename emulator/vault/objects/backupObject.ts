import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { withCompanions } from "./deletedObject";
import { checkNotManaged, existing, LABELS } from "./existingObject";
import { kindBackup, sealBackup } from "./objectBackup";
import type { ObjectDefinition } from "./objectDefinition";

/** `POST /secrets/{name}/backup`: a sealed text with every version. */
export const backupObject = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `Backup${LABELS[definition.kind]}`,
  method: "POST",
  path: `/${SEGMENTS[definition.kind]}/:name/backup`,
  handle(request) {
    const { kind } = definition;
    const { vault } = authorize(request, { kind, action: "backup" }, deps);
    const object = existing(request, vault.key, kind, deps);
    checkNotManaged(object, "backup");
    const key = { vault: vault.key, kind, name: object.name };
    const parts = withCompanions(definition, key).map((each) => kindBackup(each, deps));
    return { status: 200, body: { value: sealBackup({ name: object.name, parts }, kind, deps) } };
  },
});
