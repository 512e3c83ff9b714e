import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { checkNotManaged, existing, LABELS } from "./existingObject";
import { readAttributes, readTags } from "./objectAttributes";
import { objectBody } from "./objectBody";
import type { ObjectDefinition } from "./objectDefinition";

/** `PATCH /secrets/{name}/{version}`; without a version: the latest. */
export function updateObject(definition: ObjectDefinition, deps: VaultDependencies): Operation[] {
  const { kind } = definition;
  const handle: Operation["handle"] = (request) => {
    const context = authorize(request, { kind, action: "update" }, deps);
    const body = objectBody(request);
    const object = existing(request, context.vault.key, kind, deps);
    checkNotManaged(object, "update");
    const changed = deps.objects.update(object, {
      attributes: readAttributes(body.attributes),
      tags: readTags(body.tags),
      detail: definition.change?.(body, object, context),
    });
    return { status: 200, body: definition.bundle(changed, context) };
  };
  const [name, path] = [`Update${LABELS[kind]}`, `/${SEGMENTS[kind]}/:name`];
  return [
    { name, method: "PATCH", path: `${path}/:version`, handle },
    { name: `${name} (latest)`, method: "PATCH", path, handle },
  ];
}
