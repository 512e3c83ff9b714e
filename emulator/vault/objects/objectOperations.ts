import type { JsonObject } from "../../../azure/wire/jsonObject";
import { type Operation, ok } from "../../kernel/operation";
import { LARGE_BODY_LIMIT } from "../../kernel/service";
import { authorized } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { SEGMENTS } from "../vaultPermissions";
import { deletedBody, deletedObjectOperations, settledAt } from "./deletedObjectOperations";
import { checkNotManaged, checkWritable, existing, LABELS, notFound } from "./existingObject";
import { readAttributes, readTags } from "./objectAttributes";
import { kindBackup, openBackup, sealBackup } from "./objectBackup";
import { type ObjectDefinition, withCompanions } from "./objectDefinition";
import { type Page, pageResponse } from "./objectPage";
import { keyOf, readBody } from "./objectRequest";
import type { ObjectVersion } from "./objectVersion";

/** The operations that keys, secrets and certificates have in common, deleted objects included. */
export function objectOperations(definition: ObjectDefinition, deps: VaultDependencies): Operation[] {
  const { kind } = definition;
  const { objects, database } = deps;
  const [label, path] = [LABELS[kind], `/${SEGMENTS[kind]}`];
  const object = `${path}/:name`;

  const list = authorized({ kind, action: "list" }, deps, (request, context) => {
    const find = (page: Page) => objects.list(context.vault.key, kind, { ...page, deleted: false });
    const item = (each: ObjectVersion): JsonObject => definition.item(each, context, false);
    return pageResponse(request, context, find, item, ({ name }) => name.toLowerCase());
  });

  const listVersions = authorized({ kind, action: "list" }, deps, (request, context) => {
    const key = keyOf(request, context, kind);
    if (!objects.find(key)) throw notFound(kind, key.name);
    const find = (page: Page) => objects.versions(key, page);
    const item = (each: ObjectVersion): JsonObject => definition.item(each, context, true);
    return pageResponse(request, context, find, item, ({ version }) => version);
  });

  const update = authorized({ kind, action: "update" }, deps, (request, context) => {
    const body = readBody(request, `keyVault.update${label}`);
    const known = existing(request, context.vault.key, kind, deps);
    checkNotManaged(known, "update");
    const changed = objects.update(known, {
      attributes: readAttributes(body.attributes),
      tags: readTags(body.tags),
      detail: definition.change?.(body, known, context),
    });
    return ok(definition.bundle(changed, context));
  });

  /** Soft-deletes an object with its companions. */
  const remove = authorized({ kind, action: "delete" }, deps, (request, context) => {
    const key = keyOf(request, context, kind);
    if (objects.state(key) === undefined) throw notFound(kind, key.name);
    checkWritable(key, deps);
    const known = existing(request, context.vault.key, kind, deps);
    checkNotManaged(known, "delete");
    const options = { retention: context.vault.softDeleteRetentionInDays, settledAt: settledAt(deps) };
    database.transaction(() => {
      for (const each of withCompanions(definition, key)) objects.remove(each, options);
    });
    return ok(deletedBody(definition, known, context, false, deps));
  });

  /** Returns a sealed text with every version. */
  const backup = authorized({ kind, action: "backup" }, deps, (request, { vault }) => {
    const known = existing(request, vault.key, kind, deps);
    checkNotManaged(known, "backup");
    const key = { vault: vault.key, kind, name: known.name };
    const parts = withCompanions(definition, key).map((each) => kindBackup(each, deps));
    return ok({ value: sealBackup({ name: known.name, parts }, kind, deps.sealer) });
  });

  const restore = authorized({ kind, action: "restore" }, deps, (request, context) => {
    const { name, parts } = openBackup(readBody(request, "keyVault.restore").value, kind, deps.sealer);
    const key = { vault: context.vault.key, kind, name };
    for (const each of withCompanions(definition, key)) {
      checkWritable(each, deps);
      if (objects.state(each)) {
        throw vaultError(409, "Conflict", `${LABELS[each.kind]} ${name} already exists in this key vault.`);
      }
    }
    database.transaction(() => {
      for (const { kind: each, about, versions } of parts) {
        const target = { ...key, kind: each };
        for (const { attributes, material, ...rest } of versions) {
          const times = { created: attributes.created, updated: attributes.updated };
          const opened = material === undefined ? undefined : Buffer.from(material, "base64");
          objects.add(target, { ...rest, attributes, times, material: opened });
        }
        objects.setAbout(target, about);
      }
    });
    const restored = objects.find(key);
    if (!restored) throw new Error(`the restored ${kind} ${name} is missing`);
    return ok(definition.bundle(restored, context));
  });

  return [
    { name: `Get${label}s`, method: "GET", path, handle: list },
    { name: `Get${label}Versions`, method: "GET", path: `${object}/versions`, handle: listVersions },
    { name: `Update${label}`, method: "PATCH", path: `${object}/:version`, handle: update },
    { name: `Update${label} (latest)`, method: "PATCH", path: object, handle: update },
    { name: `Delete${label}`, method: "DELETE", path: object, handle: remove },
    ...deletedObjectOperations(definition, deps),
    { name: `Backup${label}`, method: "POST", path: `${object}/backup`, handle: backup },
    {
      name: `Restore${label}`,
      method: "POST",
      path: `${path}/restore`,
      // A backup has every version.
      bodyLimit: LARGE_BODY_LIMIT,
      handle: restore,
    },
  ];
}
