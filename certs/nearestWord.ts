import { distance } from "fastest-levenshtein";

/** The known word that was probably meant, letter case aside; undefined where none is within three letters and half its length. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, away: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, away }) => away <= Math.min(3, name.length / 2))
    .sort((one, other) => one.away - other.away);
  return best?.name;
}
