import type { Operation, Request, Response } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter } from "../vaultErrors";
import { type Need, SEGMENTS } from "../vaultPermissions";
import { backupOperations } from "./backupOperations";
import { deletionOperations } from "./deletionOperations";
import { checkNotManaged, existing, LABELS, notFound } from "./existingObject";
import { isObject, type JsonObject, readAttributes, readTags } from "./objectAttributes";
import type { ObjectDefinition } from "./objectDefinition";
import { nameOf } from "./objectNames";
import { pageRequest, pageResponse } from "./objectPage";
import type { ObjectVersion } from "./objectVersion";

/** The body of a call as an object; throws 400. */
export function objectBody(request: Request): JsonObject {
  if (isObject(request.body)) return request.body;
  throw badParameter("The request body must be a JSON object.");
}

/** The operations of lists and changes, which are alike for all kinds. */
function listOperations(definition: ObjectDefinition, deps: VaultDependencies): Operation[] {
  const { objects } = deps;
  const { kind } = definition;
  const [segment, label] = [SEGMENTS[kind], LABELS[kind]];
  const need = (action: "list" | "update"): Need => ({ kind, action });

  const list = (request: Request): Response => {
    const scene = authorize(request, need("list"), deps);
    const page = pageRequest(request);
    const found = objects.list(scene.vault.key, kind, { deleted: false, after: page.after, top: page.size + 1 });
    const item = (each: ObjectVersion) => definition.item(each, scene, false);
    return pageResponse(request, scene.vault, page, found, item, ({ name }) => name.toLowerCase());
  };
  const versions = (request: Request): Response => {
    const scene = authorize(request, need("list"), deps);
    const page = pageRequest(request);
    const key = { vault: scene.vault.key, kind, name: nameOf(request) };
    if (!objects.find(key)) throw notFound(kind, key.name);
    const found = objects.versions(key, { after: page.after, top: page.size + 1 });
    const item = (each: ObjectVersion) => definition.item(each, scene, true);
    return pageResponse(request, scene.vault, page, found, item, ({ version }) => version);
  };
  const update = (request: Request): Response => {
    const scene = authorize(request, need("update"), deps);
    const body = objectBody(request);
    const object = existing(request, scene.vault.key, kind, deps);
    checkNotManaged(object, "update");
    const attributes = readAttributes(body.attributes);
    const changed = objects.update(object, {
      attributes,
      tags: readTags(body.tags),
      detail: definition.change?.(body, object, scene),
    });
    return { status: 200, body: definition.bundle(changed, scene) };
  };
  return [
    { name: `Get${label}s`, method: "GET", path: `/${segment}`, handle: list },
    { name: `Get${label}Versions`, method: "GET", path: `/${segment}/:name/versions`, handle: versions },
    { name: `Update${label}`, method: "PATCH", path: `/${segment}/:name/:version`, handle: update },
    // A path that ends in a slash, or in the name: the latest version.
    { name: `Update${label} (latest)`, method: "PATCH", path: `/${segment}/:name`, handle: update },
  ];
}

/** What keys, secrets and certificates have alike: lists, versions, update, delete, recover, purge, backup, restore. */
export const objectOperations = (definition: ObjectDefinition, deps: VaultDependencies): Operation[] => [
  ...listOperations(definition, deps),
  ...deletionOperations(definition, deps),
  ...backupOperations(definition, deps),
];
