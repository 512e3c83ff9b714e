import type { Answer, Call, Operation } from "../../kernel/call";
import { unixSeconds } from "../../kernel/clock";
import { authorize, type Scene } from "../authorize";
import { vaultError } from "../errors";
import type { VaultParts } from "../parts";
import { type Need, type ObjectKind, SEGMENTS } from "../permissions";
import type { JsonObject } from "./attributes";
import { checkNotManaged, checkWritable, existing, LABELS, notFound } from "./existing";
import { nameOf, recoveryIdOf } from "./names";
import type { ObjectFace } from "./objectFace";
import type { ObjectKey, ObjectVersion } from "./objectVersion";
import { pageAnswer, pageRequest } from "./page";

/** Seconds that a deletion or a recovery lasts with `realDelays`; otherwise it has ended before the answer. */
const REAL_DELAY = 3;

interface Deleted {
  readonly key: ObjectKey;
  readonly object: ObjectVersion;
  readonly body: JsonObject;
}

function deletedBody(
  face: ObjectFace,
  object: ObjectVersion,
  scene: Scene,
  item: boolean,
  parts: VaultParts,
): JsonObject {
  const state = parts.objects.state(object);
  const dates =
    state && "deletedDate" in state
      ? { deletedDate: state.deletedDate, scheduledPurgeDate: state.scheduledPurgeDate }
      : {};
  return {
    recoveryId: recoveryIdOf(scene.vault, face.kind, object.name),
    ...dates,
    ...(item ? face.item(object, scene, false) : face.bundle(object, scene)),
  };
}

/** The deleted object of a call; throws 404 when it is not, or not yet, deleted. */
function deletedOf(face: ObjectFace, call: Call, scene: Scene, parts: VaultParts): Deleted {
  const key = { vault: scene.vault.key, kind: face.kind, name: nameOf(call) };
  const object = parts.objects.state(key)?.state === "deleted" ? parts.objects.version(key) : undefined;
  if (!object) {
    throw vaultError(404, `${LABELS[face.kind]}NotFound`, `Deleted ${LABELS[face.kind]} not found: ${key.name}`);
  }
  return { key, object, body: deletedBody(face, object, scene, false, parts) };
}

/** Delete, and all that can be done with what is deleted (REST reference, "Delete Secret" to "Recover Deleted Secret"). */
export function deletionOperations(face: ObjectFace, parts: VaultParts): Operation[] {
  const { objects, store, clock, switches } = parts;
  const [segment, label] = [SEGMENTS[face.kind], LABELS[face.kind]];
  const settledAt = () => unixSeconds(clock) + (switches.realDelays ? REAL_DELAY : 0);
  const need = (action: "delete" | "getDeleted" | "list" | "recover" | "purge"): Need => ({ kind: face.kind, action });
  const family = (key: ObjectKey): ObjectKey[] =>
    [face.kind, ...(face.companions ?? [])].map((kind: ObjectKind) => ({ ...key, kind }));

  const remove = (call: Call): Answer => {
    const scene = authorize(call, need("delete"), parts);
    const key = { vault: scene.vault.key, kind: face.kind, name: nameOf(call) };
    if (objects.state(key) === undefined) throw notFound(face.kind, key.name);
    checkWritable(key, parts);
    const object = existing(call, scene.vault.key, face.kind, parts);
    checkNotManaged(object, "delete");
    const [retention, settled] = [scene.vault.softDeleteRetentionInDays, settledAt()];
    store.transaction(() => {
      for (const each of family(key)) objects.remove(each, { retention, settledAt: settled });
    });
    return { status: 200, body: deletedBody(face, object, scene, false, parts) };
  };
  const recover = (call: Call): Answer => {
    const scene = authorize(call, need("recover"), parts);
    const { key, object } = deletedOf(face, call, scene, parts);
    checkNotManaged(object, "recover");
    const settled = settledAt();
    store.transaction(() => {
      for (const each of family(key)) objects.recover(each, settled);
    });
    return { status: 200, body: face.bundle(object, scene) };
  };
  const purge = (call: Call): Answer => {
    const scene = authorize(call, need("purge"), parts);
    const { key, object } = deletedOf(face, call, scene, parts);
    checkNotManaged(object, "purge");
    if (scene.vault.enablePurgeProtection) {
      const message = `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.`;
      throw vaultError(403, "Forbidden", message, { inner: "ForbiddenByPolicy" });
    }
    store.transaction(() => {
      for (const each of family(key)) objects.purge(each);
    });
    return { status: 204 };
  };
  const list = (call: Call): Answer => {
    const scene = authorize(call, need("list"), parts);
    const page = pageRequest(call);
    const found = objects.list(scene.vault.key, face.kind, { deleted: true, after: page.after, top: page.size + 1 });
    const item = (each: ObjectVersion) => deletedBody(face, each, scene, true, parts);
    return pageAnswer(call, scene.vault, page, found, item, ({ name }) => name.toLowerCase());
  };
  const get = (call: Call): Answer => {
    const scene = authorize(call, need("getDeleted"), parts);
    return { status: 200, body: deletedOf(face, call, scene, parts).body };
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
