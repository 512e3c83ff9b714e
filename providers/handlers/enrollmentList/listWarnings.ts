/** The warnings about the certificates of a list, as lines of the log. */
import type { CheckFailure } from "../resource/handler";

/** How many causes are shown, and how many enrollments of each. */
const [CAUSES, ENROLLMENTS] = [10, 3];

/** Groups warnings with one cause, issuer included, in one line each: what differs is the enrollment's own name. */
export function warningLines(warnings: readonly CheckFailure[]): readonly string[] {
  const causes = new Map<string, CheckFailure[]>();
  for (const warning of warnings) {
    const [, id = "", property = ""] = /^[^:]*:(.*)\.([^.]*)$/.exec(warning.property) ?? [];
    const cause = [property, id === "" ? warning.reason : warning.reason.replaceAll(id, "ID")].join();
    causes.set(cause, [...(causes.get(cause) ?? []), warning]);
  }
  const lines = [...causes.values()].slice(0, CAUSES).map((group) => {
    const shown = group.slice(0, ENROLLMENTS).map(({ property }) => property);
    const more = group.length > shown.length ? ` and ${group.length - shown.length} more` : "";
    return `${shown.join(", ")}${more}: ${group[0]?.reason}`;
  });
  const left = causes.size - lines.length;
  if (left <= 0) return lines;
  return [
    ...lines,
    `There are ${left} more causes of warnings about certificates of the list of individual enrollments.`,
  ];
}
