import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorize, type VaultRequestContext } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { deletedBody } from "./deletedObject";
import { LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";
import { pageRequest, pageResponse } from "./objectPage";
import type { ObjectVersion } from "./objectVersion";

/** Returns a page of a vault's objects, the deleted or the others, each as `item` gives it. */
function listPage(
  request: Request,
  { kind }: ObjectDefinition,
  deps: VaultDependencies,
  deleted: boolean,
  item: (object: ObjectVersion, context: VaultRequestContext) => JsonObject,
): Response {
  const context = authorize(request, { kind, action: "list" }, deps);
  const page = pageRequest(request);
  const found = deps.objects.list(context.vault.key, kind, { deleted, after: page.after, top: page.size + 1 });
  return pageResponse(
    request,
    context.vault,
    page,
    found,
    (each) => item(each, context),
    ({ name }) => name.toLowerCase(),
  );
}

/** `GET /secrets` */
export const listObjects = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `Get${LABELS[definition.kind]}s`,
  method: "GET",
  path: `/${SEGMENTS[definition.kind]}`,
  handle: (request) =>
    listPage(request, definition, deps, false, (each, context) => definition.item(each, context, false)),
});

/** `GET /deletedsecrets` */
export const listDeletedObjects = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `GetDeleted${LABELS[definition.kind]}s`,
  method: "GET",
  path: `/deleted${SEGMENTS[definition.kind]}`,
  handle: (request) =>
    listPage(request, definition, deps, true, (each, context) => deletedBody(definition, each, context, true, deps)),
});
