/** What changes in a list, by registration ID, for the message in previews: the engine's own diff shows only input names. */
import { isObject } from "../../../azure/wire/jsonObject";
import type { AzureGateway } from "../resource/azureGateway";
import { changedFields, UNKNOWN } from "../resource/fields";
import type { Props } from "../resource/handler";
import { isInVault } from "../vault/vaultObject";
import { ENTRY_FIELDS, idKey } from "./listEntry";
import { entriesOf } from "./listInputs";
import { ListKeys, placeIn } from "./listKeys";
import { PendingCreates } from "./pendingCreates";

/** The enrollments that differ between state and inputs. */
export interface ListDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** With the fields that differ. */
  readonly changed: readonly { readonly id: string; readonly fields: readonly string[] }[];
  /** No longer wanted, and created with unknown outcome. */
  readonly pending: readonly string[];
  /** How many enrollments have keys in a vault that are no longer needed. */
  readonly left: number;
}

/** How many registration IDs a message shows. */
const SHOWN = 20;

function shown(ids: readonly string[]): string {
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : "";
  return `${ids.slice(0, SHOWN).join(", ")}${more}`;
}

/** The difference in one sentence; undefined if there is none. Names fields and no values, because some are secrets. */
export function differenceMessage({ added, removed, changed, pending, left }: ListDifference): string | undefined {
  const changes = changed.map(({ id, fields }) => `${id} (${fields.join(", ")})`);
  const parts = [
    ...(added.length > 0 ? [`${added.length} to add: ${shown(added)}`] : []),
    ...(removed.length > 0 ? [`${removed.length} to remove: ${shown(removed)}`] : []),
    ...(changes.length > 0 ? [`${changes.length} to change: ${shown(changes)}`] : []),
    ...(pending.length > 0 ? [`${pending.length} to remove if an earlier run made them: ${shown(pending)}`] : []),
    ...(left > 0 ? [`keys of ${left} to delete from the vault`] : []),
  ];
  return parts.length === 0 ? undefined : `The list of individual enrollments changes. ${parts.join("; ")}.`;
}

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment" | "vaultSecrets" | "now" | "log" | "pause">;

/** The difference between state and inputs; registration IDs match in any letter case. */
export function listDifference(gateway: Gateway, olds: Props, given: Props): ListDifference {
  // An unknown vault address is most often that of a vault that is changed and keeps its address.
  const news = given.vaultUri === UNKNOWN && isInVault(olds) ? { ...given, vaultUri: olds.vaultUri } : given;
  const [before, after] = [entriesOf(olds), entriesOf(news)];
  const had = new Map(Object.entries(before).map(([id, entry]) => [idKey(id), entry]));
  const wanted = new Set(Object.keys(after).map(idKey));
  const pairs = Object.entries(after).map(([id, entry]) => ({ id, before: had.get(idKey(id)), entry }));
  const keys = new ListKeys(gateway, olds, news);
  const left = new ListKeys(gateway, { keysLeft: olds.keysLeft }, news);
  return {
    pending: new PendingCreates(gateway, olds).ids().filter((id) => !wanted.has(idKey(id))),
    added: pairs.filter((pair) => pair.before === undefined).map(({ id }) => id),
    removed: Object.keys(before).filter((id) => !wanted.has(idKey(id))),
    changed: pairs.flatMap(({ id, before: old, entry }) => {
      if (old === undefined) return [];
      if (!isObject(entry)) return [{ id, fields: ["not known yet"] }];
      const isMoved = placeIn(olds, id, old) !== placeIn(news, id, entry);
      const fields = [...changedFields(ENTRY_FIELDS, old, entry), ...(isMoved ? ["store"] : keys.unsettled(id, entry))];
      return fields.length === 0 ? [] : [{ id, fields }];
    }),
    left: left.left(Object.entries(after).filter(([, entry]) => isObject(entry))).length,
  };
}
