import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize } from "../authorize";
import { badParameter } from "../errors";
import type { VaultParts } from "../parts";
import { type Need, SEGMENTS } from "../permissions";
import { isObject, type JsonObject, readAttributes, readTags } from "./attributes";
import { backupOperations } from "./backup";
import { deletionOperations } from "./deletion";
import { checkNotManaged, existing, LABELS, notFound } from "./existing";
import { nameOf } from "./names";
import type { ObjectFace } from "./objectFace";
import type { ObjectVersion } from "./objectVersion";
import { pageAnswer, pageRequest } from "./page";

/** The body of a call as an object; throws 400. */
export function objectBody(call: Call): JsonObject {
  if (isObject(call.body)) return call.body;
  throw badParameter("The request body must be a JSON object.");
}

/** The operations of lists and changes, which are alike for all kinds. */
function listOperations(face: ObjectFace, parts: VaultParts): Operation[] {
  const { objects } = parts;
  const { kind } = face;
  const [segment, label] = [SEGMENTS[kind], LABELS[kind]];
  const need = (action: "list" | "update"): Need => ({ kind, action });

  const list = (call: Call): Answer => {
    const scene = authorize(call, need("list"), parts);
    const page = pageRequest(call);
    const found = objects.list(scene.vault.key, kind, { deleted: false, after: page.after, top: page.size + 1 });
    const item = (each: ObjectVersion) => face.item(each, scene, false);
    return pageAnswer(call, scene.vault, page, found, item, ({ name }) => name.toLowerCase());
  };
  const versions = (call: Call): Answer => {
    const scene = authorize(call, need("list"), parts);
    const page = pageRequest(call);
    const key = { vault: scene.vault.key, kind, name: nameOf(call) };
    if (!objects.find(key)) throw notFound(kind, key.name);
    const found = objects.versions(key, { after: page.after, top: page.size + 1 });
    const item = (each: ObjectVersion) => face.item(each, scene, true);
    return pageAnswer(call, scene.vault, page, found, item, ({ version }) => version);
  };
  const update = (call: Call): Answer => {
    const scene = authorize(call, need("update"), parts);
    const body = objectBody(call);
    const object = existing(call, scene.vault.key, kind, parts);
    checkNotManaged(object, "update");
    const attributes = readAttributes(body.attributes);
    const changed = objects.update(object, {
      attributes,
      tags: readTags(body.tags),
      detail: face.change?.(body, object, scene),
    });
    return { status: 200, body: face.bundle(changed, scene) };
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
export const objectOperations = (face: ObjectFace, parts: VaultParts): Operation[] => [
  ...listOperations(face, parts),
  ...deletionOperations(face, parts),
  ...backupOperations(face, parts),
];
