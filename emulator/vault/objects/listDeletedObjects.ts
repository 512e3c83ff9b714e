import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { deletedBody } from "./deletedObject";
import { LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";
import { pageRequest, pageResponse } from "./objectPage";

/** `GET /deletedsecrets` */
export const listDeletedObjects = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `GetDeleted${LABELS[definition.kind]}s`,
  method: "GET",
  path: `/deleted${SEGMENTS[definition.kind]}`,
  handle(request) {
    const { kind } = definition;
    const context = authorize(request, { kind, action: "list" }, deps);
    const page = pageRequest(request);
    const found = deps.objects.list(context.vault.key, kind, { deleted: true, after: page.after, top: page.size + 1 });
    return pageResponse(
      request,
      context.vault,
      page,
      found,
      (each) => deletedBody(definition, each, context, true, deps),
      ({ name }) => name.toLowerCase(),
    );
  },
});
