/** One condition of a `$filter`: on a string, or on the members of a list of strings (`any`). */
export interface Condition {
  readonly kind: "eq" | "startswith" | "any";
  readonly property: string;
  readonly value: string;
}

/** A text in single quotes; a quote in it is doubled (OData 4.01 ABNF, `string`). */
const TEXT = "'((?:[^']|'')*)'";

const FORMS: readonly (readonly [Condition["kind"], RegExp, value: number])[] = [
  ["eq", new RegExp(String.raw`(\w+) +eq +${TEXT}`, "y"), 2],
  ["startswith", new RegExp(String.raw`startswith\( *(\w+) *, *${TEXT} *\)`, "y"), 2],
  ["any", new RegExp(String.raw`(\w+)/any\( *(\w+) *: *\2 +eq +${TEXT} *\)`, "y"), 3],
];
const AND = / +and +/y;

/**
 * Reads a `$filter` of the forms that az sends: `NAME eq 'TEXT'`, `startswith(NAME,'TEXT')` and
 * `NAME/any(v:v eq 'TEXT')`, joined by `and`. Undefined for any other.
 */
export function parseFilter(text: string): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  let at = 0;
  for (;;) {
    const found = FORMS.flatMap(([kind, form, value]) => {
      form.lastIndex = at;
      const match = form.exec(text);
      if (!match) return [];
      return {
        end: form.lastIndex,
        condition: { kind, property: match[1] ?? "", value: unquoted(match[value] ?? "") },
      };
    })[0];
    if (!found) return undefined;
    conditions.push(found.condition);
    at = found.end;
    if (at === text.length) return conditions;
    AND.lastIndex = at;
    if (!AND.test(text)) return undefined;
    at = AND.lastIndex;
  }
}

const unquoted = (text: string): string => text.replaceAll("''", "'");

/** Whether an object meets every condition. Letter case does not matter, as in Entra's directory. */
export function meets(entity: Readonly<Record<string, unknown>>, conditions: readonly Condition[]): boolean {
  return conditions.every(({ kind, property, value }) => {
    const found = entity[property];
    const wanted = value.toLowerCase();
    const isWanted = (text: unknown) => typeof text === "string" && text.toLowerCase() === wanted;
    if (kind === "any") return Array.isArray(found) && found.some(isWanted);
    return kind === "eq" ? isWanted(found) : typeof found === "string" && found.toLowerCase().startsWith(wanted);
  });
}
