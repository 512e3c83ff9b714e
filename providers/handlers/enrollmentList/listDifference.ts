/** What a preview tells of a list's change: by registration ID, because the engine's own difference shows all the rest. */
/** The enrollments that differ between what stands and what is wanted. */
export interface ListDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** With the fields that differ. */
  readonly changed: readonly { readonly id: string; readonly fields: readonly string[] }[];
  /** Not wanted any more, and perhaps made by a run that got no answer. */
  readonly begun: readonly string[];
  /** Of how many enrollments a vault still has keys that nothing needs. */
  readonly left: number;
}

/** Registration IDs that are told one by one. */
const SHOWN = 20;

function shown(ids: readonly string[]): string {
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : "";
  return `${ids.slice(0, SHOWN).join(", ")}${more}`;
}

/** The difference in one sentence; undefined where there is none. Names fields and no values: some are secrets. */
export function differenceMessage({ added, removed, changed, begun, left }: ListDifference): string | undefined {
  const changes = changed.map(({ id, fields }) => `${id} (${fields.join(", ")})`);
  const parts = [
    ...(added.length > 0 ? [`${added.length} to add: ${shown(added)}`] : []),
    ...(removed.length > 0 ? [`${removed.length} to remove: ${shown(removed)}`] : []),
    ...(changes.length > 0 ? [`${changes.length} to change: ${shown(changes)}`] : []),
    ...(begun.length > 0 ? [`${begun.length} to remove if an earlier run made them: ${shown(begun)}`] : []),
    ...(left > 0 ? [`keys of ${left} to delete from the vault`] : []),
  ];
  return parts.length === 0 ? undefined : `The list of individual enrollments changes. ${parts.join("; ")}.`;
}
