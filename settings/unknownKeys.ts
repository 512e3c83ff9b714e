/** Keys that nobody reads: a misspelt `protect` would protect nothing, in silence. */
import { nearest } from "../certs/nearest";
import type { Fault } from "./settingsReader";

/** A fault for each key that is set and not known. Its value is not told: what is not known may be a secret. */
export function unknownKeys(set: readonly string[], known: ReadonlySet<string>): readonly Fault[] {
  return set
    .filter((key) => !known.has(key))
    .map((key) => {
      const near = nearest(key, [...known]);
      const rule = near === undefined ? "there is no such key" : `there is no such key; ${near} is probably meant`;
      return { key, value: "…", rule, remedy: `pulumi config rm ${key}; the keys are in Pulumi.yaml` };
    });
}
