/** Keys that nobody reads: a misspelt `protect` would protect nothing, in silence. */
import type { Fault } from "./reader";

/** In how many letters two words differ (Levenshtein: inserted, left out, exchanged), letter case aside. */
function distance(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const exchanged = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known key that was probably meant; undefined where none is near: more than three letters, or half the word, away. */
function meant(key: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, away: distance(key, name) }))
    .filter(({ name, away }) => away <= Math.min(3, name.length / 2))
    .sort((one, other) => one.away - other.away);
  return best?.name;
}

/** A fault for each key that is set and not known. Its value is not told: what is not known may be a secret. */
export function unknownKeys(set: readonly string[], known: ReadonlySet<string>): readonly Fault[] {
  return set
    .filter((key) => !known.has(key))
    .map((key) => {
      const near = meant(key, [...known]);
      const rule = near === undefined ? "there is no such key" : `there is no such key; ${near} is probably meant`;
      return { key, value: "…", rule, remedy: `pulumi config rm ${key}; the keys are in Pulumi.yaml` };
    });
}
