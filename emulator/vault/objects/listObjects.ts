import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";
import { pageRequest, pageResponse } from "./objectPage";

/** `GET /secrets` */
export const listObjects = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `Get${LABELS[definition.kind]}s`,
  method: "GET",
  path: `/${SEGMENTS[definition.kind]}`,
  handle(request) {
    const { kind } = definition;
    const context = authorize(request, { kind, action: "list" }, deps);
    const page = pageRequest(request);
    const found = deps.objects.list(context.vault.key, kind, { deleted: false, after: page.after, top: page.size + 1 });
    return pageResponse(
      request,
      context.vault,
      page,
      found,
      (each) => definition.item(each, context, false),
      ({ name }) => name.toLowerCase(),
    );
  },
});
