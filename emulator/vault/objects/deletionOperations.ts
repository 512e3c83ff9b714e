import { unixSeconds } from "../../kernel/clock";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorize, type Scene } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { type Need, type ObjectKind, SEGMENTS } from "../vaultPermissions";
import { checkNotManaged, checkWritable, existing, LABELS, notFound } from "./existingObject";
import type { JsonObject } from "./objectAttributes";
import type { ObjectDefinition } from "./objectDefinition";
import { nameOf, recoveryIdOf } from "./objectNames";
import { pageRequest, pageResponse } from "./objectPage";
import type { ObjectKey, ObjectVersion } from "./objectVersion";

/** Seconds that a deletion or a recovery lasts with `realDelays`; otherwise it has ended before the answer. */
const REAL_DELAY = 3;

interface Deleted {
  readonly key: ObjectKey;
  readonly object: ObjectVersion;
  readonly body: JsonObject;
}

function deletedBody(
  definition: ObjectDefinition,
  object: ObjectVersion,
  scene: Scene,
  item: boolean,
  deps: VaultDependencies,
): JsonObject {
  const state = deps.objects.state(object);
  const dates =
    state && "deletedDate" in state
      ? { deletedDate: state.deletedDate, scheduledPurgeDate: state.scheduledPurgeDate }
      : {};
  return {
    recoveryId: recoveryIdOf(scene.vault, definition.kind, object.name),
    ...dates,
    ...(item ? definition.item(object, scene, false) : definition.bundle(object, scene)),
  };
}

/** The deleted object of a call; throws 404 when it is not, or not yet, deleted. */
function deletedOf(definition: ObjectDefinition, request: Request, scene: Scene, deps: VaultDependencies): Deleted {
  const key = { vault: scene.vault.key, kind: definition.kind, name: nameOf(request) };
  const object = deps.objects.state(key)?.state === "deleted" ? deps.objects.version(key) : undefined;
  if (!object) {
    throw vaultError(
      404,
      `${LABELS[definition.kind]}NotFound`,
      `Deleted ${LABELS[definition.kind]} not found: ${key.name}`,
    );
  }
  return { key, object, body: deletedBody(definition, object, scene, false, deps) };
}

/** Delete, and all that can be done with what is deleted (REST reference, "Delete Secret" to "Recover Deleted Secret"). */
export function deletionOperations(definition: ObjectDefinition, deps: VaultDependencies): Operation[] {
  const { objects, database, clock, switches } = deps;
  const [segment, label] = [SEGMENTS[definition.kind], LABELS[definition.kind]];
  const settledAt = () => unixSeconds(clock) + (switches.realDelays ? REAL_DELAY : 0);
  const need = (action: "delete" | "getDeleted" | "list" | "recover" | "purge"): Need => ({
    kind: definition.kind,
    action,
  });
  const family = (key: ObjectKey): ObjectKey[] =>
    [definition.kind, ...(definition.companions ?? [])].map((kind: ObjectKind) => ({ ...key, kind }));

  const remove = (request: Request): Response => {
    const scene = authorize(request, need("delete"), deps);
    const key = { vault: scene.vault.key, kind: definition.kind, name: nameOf(request) };
    if (objects.state(key) === undefined) throw notFound(definition.kind, key.name);
    checkWritable(key, deps);
    const object = existing(request, scene.vault.key, definition.kind, deps);
    checkNotManaged(object, "delete");
    const [retention, settled] = [scene.vault.softDeleteRetentionInDays, settledAt()];
    database.transaction(() => {
      for (const each of family(key)) objects.remove(each, { retention, settledAt: settled });
    });
    return { status: 200, body: deletedBody(definition, object, scene, false, deps) };
  };
  const recover = (request: Request): Response => {
    const scene = authorize(request, need("recover"), deps);
    const { key, object } = deletedOf(definition, request, scene, deps);
    checkNotManaged(object, "recover");
    const settled = settledAt();
    database.transaction(() => {
      for (const each of family(key)) objects.recover(each, settled);
    });
    return { status: 200, body: definition.bundle(object, scene) };
  };
  const purge = (request: Request): Response => {
    const scene = authorize(request, need("purge"), deps);
    const { key, object } = deletedOf(definition, request, scene, deps);
    checkNotManaged(object, "purge");
    if (scene.vault.enablePurgeProtection) {
      const message = `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.`;
      throw vaultError(403, "Forbidden", message, { inner: "ForbiddenByPolicy" });
    }
    database.transaction(() => {
      for (const each of family(key)) objects.purge(each);
    });
    return { status: 204 };
  };
  const list = (request: Request): Response => {
    const scene = authorize(request, need("list"), deps);
    const page = pageRequest(request);
    const found = objects.list(scene.vault.key, definition.kind, {
      deleted: true,
      after: page.after,
      top: page.size + 1,
    });
    const item = (each: ObjectVersion) => deletedBody(definition, each, scene, true, deps);
    return pageResponse(request, scene.vault, page, found, item, ({ name }) => name.toLowerCase());
  };
  const get = (request: Request): Response => {
    const scene = authorize(request, need("getDeleted"), deps);
    return { status: 200, body: deletedOf(definition, request, scene, deps).body };
  };
  const deleted = `/deleted${segment}`;
  return [
    { name: `Delete${label}`, method: "DELETE", path: `/${segment}/:name`, handle: remove },
    { name: `GetDeleted${label}s`, method: "GET", path: deleted, handle: list },
    { name: `GetDeleted${label}`, method: "GET", path: `${deleted}/:name`, handle: get },
    { name: `RecoverDeleted${label}`, method: "POST", path: `${deleted}/:name/recover`, handle: recover },
    { name: `PurgeDeleted${label}`, method: "DELETE", path: `${deleted}/:name`, handle: purge },
  ];
}
