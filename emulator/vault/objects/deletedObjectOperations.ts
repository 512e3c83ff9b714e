import type { JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import { type Operation, ok, type Request } from "../../kernel/operation";
import { authorized, type VaultRequestContext } from "../vaultAuthorization";
import type { VaultDependencies, WithObjects } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { SEGMENTS } from "../vaultPermissions";
import { checkNotManaged, LABELS } from "./existingObject";
import { type ObjectDefinition, withCompanions } from "./objectDefinition";
import { type Page, pageResponse } from "./objectPage";
import { nameOf } from "./objectRequest";
import type { ObjectVersion } from "./objectVersion";

/** Seconds that a deletion or a recovery takes with `realDelays`; otherwise it is complete before the response. */
const REAL_DELAY = 3;

/** Returns when a deletion or a recovery that starts now is complete, in seconds since 1970. */
export const settledAt = ({ clock, switches }: Pick<VaultDependencies, "clock" | "switches">): number =>
  unixSeconds(clock) + (switches.realDelays ? REAL_DELAY : 0);

/** A deleted object on the wire: as an item of a list, or as a bundle. */
export function deletedBody(
  definition: ObjectDefinition,
  object: ObjectVersion,
  context: VaultRequestContext,
  isItem: boolean,
  { objects }: WithObjects,
): JsonObject {
  const { state: _state, ...dates } = objects.state(object) ?? {};
  return {
    recoveryId: `https://${context.vault.hostName}/deleted${SEGMENTS[definition.kind]}/${object.name}`,
    ...dates,
    ...(isItem ? definition.item(object, context, false) : definition.bundle(object, context)),
  };
}

/** The operations on deleted keys, secrets and certificates. */
export function deletedObjectOperations(definition: ObjectDefinition, deps: VaultDependencies): Operation[] {
  const { kind } = definition;
  const { objects, database } = deps;
  const [label, path] = [LABELS[kind], `/deleted${SEGMENTS[kind]}`];
  const object = `${path}/:name`;

  /** Returns the deleted object of a request. Throws 404 if it is not deleted, or its deletion is not complete. */
  const deleted = (request: Request, { vault }: VaultRequestContext): ObjectVersion => {
    const key = { vault: vault.key, kind, name: nameOf(request) };
    const found = objects.state(key)?.state === "deleted" ? objects.version(key) : undefined;
    if (found) return found;
    throw vaultError(404, `${label}NotFound`, `Deleted ${label} not found: ${key.name}`);
  };

  const list = authorized({ kind, action: "list" }, deps, (request, context) => {
    const find = (page: Page) => objects.list(context.vault.key, kind, { ...page, deleted: true });
    const item = (each: ObjectVersion): JsonObject => deletedBody(definition, each, context, true, deps);
    return pageResponse(request, context, find, item, ({ name }) => name.toLowerCase());
  });

  const get = authorized({ kind, action: "getDeleted" }, deps, (request, context) =>
    ok(deletedBody(definition, deleted(request, context), context, false, deps)),
  );

  const recover = authorized({ kind, action: "recover" }, deps, (request, context) => {
    const name = nameOf(request);
    if (objects.state({ vault: context.vault.key, kind, name })?.state === "active") {
      const message = `${label} ${name} is not deleted, so it cannot be recovered.`;
      throw vaultError(400, "MethodNotAllowed", message, { inner: "RequestNotAllowedOnNonDeletedObject" });
    }
    const found = deleted(request, context);
    checkNotManaged(found, "recover");
    const settled = settledAt(deps);
    database.transaction(() => {
      for (const each of withCompanions(definition, found)) objects.recover(each, settled);
    });
    return ok(definition.bundle(found, context));
  });

  const purge = authorized({ kind, action: "purge" }, deps, (request, context) => {
    const found = deleted(request, context);
    checkNotManaged(found, "purge");
    if (context.vault.enablePurgeProtection) {
      const message = `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.`;
      throw vaultError(403, "Forbidden", message, { inner: "ForbiddenByPolicy" });
    }
    database.transaction(() => {
      for (const each of withCompanions(definition, found)) objects.purge(each);
    });
    return { status: 204 };
  });

  return [
    { name: `GetDeleted${label}s`, method: "GET", path, handle: list },
    { name: `GetDeleted${label}`, method: "GET", path: object, handle: get },
    { name: `RecoverDeleted${label}`, method: "POST", path: `${object}/recover`, handle: recover },
    { name: `PurgeDeleted${label}`, method: "DELETE", path: object, handle: purge },
  ];
}
