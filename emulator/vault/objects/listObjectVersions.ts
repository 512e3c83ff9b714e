import type { Operation } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { SEGMENTS } from "../vaultPermissions";
import { LABELS, notFound } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";
import { nameOf } from "./objectNames";
import { pageRequest, pageResponse } from "./objectPage";

/** `GET /secrets/{name}/versions` */
export const listObjectVersions = (definition: ObjectDefinition, deps: VaultDependencies): Operation => ({
  name: `Get${LABELS[definition.kind]}Versions`,
  method: "GET",
  path: `/${SEGMENTS[definition.kind]}/:name/versions`,
  handle(request) {
    const { kind } = definition;
    const context = authorize(request, { kind, action: "list" }, deps);
    const page = pageRequest(request);
    const key = { vault: context.vault.key, kind, name: nameOf(request) };
    if (!deps.objects.find(key)) throw notFound(kind, key.name);
    const found = deps.objects.versions(key, { after: page.after, top: page.size + 1 });
    return pageResponse(
      request,
      context.vault,
      page,
      found,
      (each) => definition.item(each, context, true),
      ({ version }) => version,
    );
  },
});
