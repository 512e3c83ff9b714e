/** Unknown configuration keys: a misspelled `protect` would silently protect nothing. */
import { nearestWord } from "../certs/nearestWord";
import type { SettingError } from "./settingsReader";

/** An error for each key that is set but not known. The value is left out: it may be a secret. */
export function unknownKeys(set: readonly string[], known: ReadonlySet<string>): readonly SettingError[] {
  return set
    .filter((key) => !known.has(key))
    .map((key) => {
      const near = nearestWord(key, [...known]);
      const rule = near === undefined ? "there is no such key" : `there is no such key; did you mean ${near}?`;
      return { key, value: "…", rule, remedy: `pulumi config rm ${key}; the keys are in Pulumi.yaml` };
    });
}
