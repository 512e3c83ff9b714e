/** The inputs of an enrollment list, their checks, and the entries in them. */
import { isObject } from "../../../azure/wire/jsonObject";
import type { EnrollmentCheck } from "../enrollment/enrollmentFields";
import { type Fields, missingFields, pemCertificates, UNKNOWN } from "../resource/fields";
import type { CheckFailure, Props } from "../resource/handler";
import { isInVault } from "../vault/vaultObject";
import { checkEntry, type Entries, idKey } from "./listEntry";
import { LIST_STORE } from "./listKeys";

/** Inputs beside the enrollments. */
export const FIELDS: Fields = {
  serviceEndpoint: { isRequired: true, onChange: "replaceWithParent" },
  // For checks in previews only: no part of the enrollments.
  trustedCertificates: { onChange: "ignore", validate: pemCertificates },
  ...LIST_STORE,
};

/**
 * Each enrollment is an input of its own, `device:` and its registration ID: the engine shows changed inputs by name, and for
 * one object with all enrollments it would also show every unchanged one.
 */
const PREFIX = "device:";

/** The enrollments of inputs or outputs, by registration ID. */
export const entriesOf = (props: Props): Entries =>
  Object.fromEntries(
    Object.entries(props)
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, entry]) => [name.slice(PREFIX.length), entry]),
  ) as Entries;

/** Enrollments as inputs or outputs: the inverse of {@link entriesOf}. */
export const entryInputs = (entries: readonly (readonly [string, unknown])[]): Record<string, unknown> =>
  Object.fromEntries(entries.map(([id, entry]) => [`${PREFIX}${id}`, entry]));

/** Checks the entries: every failure and warning, each at the entry's own field. `list` are the inputs beside them. */
export function checkEntries(entries: Entries, list: Props, now: Date): Omit<EnrollmentCheck, "inputs"> {
  const needed = isInVault(list) ? ["owner"] : [];
  const failures = missingFields(list, needed, "keys that are kept in a vault need it");
  const warnings: CheckFailure[] = [];
  const seen = new Map<string, string>();
  for (const [id, entry] of Object.entries(entries)) {
    const property = `${PREFIX}${id}`;
    const sameId = seen.get(idKey(id));
    seen.set(idKey(id), id);
    if (sameId !== undefined) failures.push({ property, reason: `is the same registration ID as ${sameId}` });
    // The host of dynamic resources passes an unknown value as this text.
    if ((entry as unknown) === UNKNOWN) continue;
    if (!isObject(entry)) {
      failures.push({ property, reason: "must be an object" });
      continue;
    }
    const checked = checkEntry(id, entry, list.trustedCertificates, now);
    const at = (each: CheckFailure): CheckFailure => ({ ...each, property: `${property}.${each.property}` });
    failures.push(...checked.failures.map(at));
    warnings.push(...checked.warnings.map(at));
  }
  return { failures, warnings };
}
