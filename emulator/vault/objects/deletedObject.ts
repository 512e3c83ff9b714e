import type { JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import type { Request } from "../../kernel/operation";
import type { VaultRequestContext } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { LABELS } from "./existingObject";
import type { ObjectDefinition } from "./objectDefinition";
import { nameOf, recoveryIdOf } from "./objectNames";
import type { ObjectKey, ObjectVersion } from "./objectVersion";

/** Seconds that a deletion or a recovery takes with `realDelays`; otherwise it is complete before the response. */
const REAL_DELAY = 3;

/** Returns when a deletion or a recovery that starts now is complete, in seconds since 1970. */
export const settledAt = ({ clock, switches }: Pick<VaultDependencies, "clock" | "switches">): number =>
  unixSeconds(clock) + (switches.realDelays ? REAL_DELAY : 0);

/** Returns the keys of an object and of those that are deleted and recovered with it. */
export const withCompanions = ({ kind, companions = [] }: ObjectDefinition, key: ObjectKey): ObjectKey[] =>
  [kind, ...companions].map((each) => ({ ...key, kind: each }));

/** A deleted object on the wire: as an item of a list, or as a bundle. */
export function deletedBody(
  definition: ObjectDefinition,
  object: ObjectVersion,
  context: VaultRequestContext,
  isItem: boolean,
  deps: VaultDependencies,
): JsonObject {
  const state = deps.objects.state(object);
  const dates = state &&
    "deletedDate" in state && { deletedDate: state.deletedDate, scheduledPurgeDate: state.scheduledPurgeDate };
  return {
    recoveryId: recoveryIdOf(context.vault, definition.kind, object.name),
    ...dates,
    ...(isItem ? definition.item(object, context, false) : definition.bundle(object, context)),
  };
}

/** Returns the deleted object of a request. Throws 404 if it is not deleted, or its deletion is not complete. */
export function deletedObject(
  { kind }: ObjectDefinition,
  request: Request,
  { vault }: VaultRequestContext,
  { objects }: Pick<VaultDependencies, "objects">,
): ObjectVersion {
  const key = { vault: vault.key, kind, name: nameOf(request) };
  const object = objects.state(key)?.state === "deleted" ? objects.version(key) : undefined;
  if (object) return object;
  throw vaultError(404, `${LABELS[kind]}NotFound`, `Deleted ${LABELS[kind]} not found: ${key.name}`);
}
