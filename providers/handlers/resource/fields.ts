/** Inputs as a table: one entry a field says its rule, default and what a change means; check and diff read the table. */
import { type NameKind, nameFault } from "../../../azure/names";
import { isSame } from "./canonicalJson";
import type { CheckFailure, CheckResult, DiffResult, Props } from "./handler";

/** What is known of one input. */
export interface Field {
  /** Fault when absent. */
  readonly isRequired?: boolean;
  /** Stands where the input is absent, in inputs and in state written before the field was there. */
  readonly default?: unknown;
  /**
   * What a change does: a new resource (`replace`), an update (the default), or nothing, for what follows from another field.
   * `replaceWithParent` names the Azure resource that this one is part of, without regard to letter case.
   */
  readonly onChange?: "replace" | "replaceWithParent" | "update" | "ignore";
  /** One sentence when the value is wrong. */
  readonly fault?: (value: unknown) => string | undefined;
}

/** The inputs of one noun. */
export type Fields = Readonly<Record<string, Field>>;

/** How the engine writes a value that is not known yet, in previews. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Checks inputs against the table: defaults filled, every fault at once; values not known yet pass. */
export function checkFields(fields: Fields, news: Props): CheckResult {
  const inputs: Record<string, unknown> = {};
  const failures: CheckFailure[] = [];
  for (const [property, field] of Object.entries(fields)) {
    const value = news[property] ?? field.default;
    if (value === undefined) {
      if (field.isRequired) failures.push({ property, reason: `${property} is missing: give it a value` });
      continue;
    }
    inputs[property] = value;
    const reason = value === UNKNOWN ? undefined : field.fault?.(value);
    if (reason !== undefined) failures.push({ property, reason });
  }
  return { inputs, failures };
}

const lowerCase = (value: unknown): unknown => (typeof value === "string" ? value.toLowerCase() : value);

/** The names of the fields that differ between state and inputs, and matter. A value not known yet counts as a change. */
export function changedFields(fields: Fields, olds: Props, news: Props): string[] {
  const differs = ([property, { onChange, default: fallback }]: [string, Field]): boolean => {
    const [before, after] = [olds[property] ?? fallback, news[property] ?? fallback];
    if (onChange === "replaceWithParent") return !isSame(lowerCase(before), lowerCase(after));
    return onChange !== "ignore" && !isSame(before, after);
  };
  return Object.entries(fields)
    .filter(differs)
    .map(([property]) => property);
}

/**
 * Compares state with inputs by the table. A value not known yet never replaces, except the parent's: that is known while
 * the parent is updated, and unknown only where it is created or replaced, which ends what is in it. The engine asks so, too,
 * which resources to delete before it deletes a parent that keeps its name.
 */
export function diffFields(fields: Fields, olds: Props, news: Props): DiffResult {
  const changed = changedFields(fields, olds, news);
  const replaces = (property: string): boolean => {
    const onChange = fields[property]?.onChange;
    return onChange === "replaceWithParent" || (onChange === "replace" && news[property] !== UNKNOWN);
  };
  return { changes: changed.length > 0, replaces: changed.filter(replaces) };
}

/** Only the fields of the table, for state: what else was in the bag (the forwarder's text) is left out. */
export function pickFields(fields: Fields, props: Props, except: readonly string[] = []): Record<string, unknown> {
  const entries = Object.keys(fields)
    .filter((property) => !except.includes(property) && props[property] !== undefined)
    .map((property) => [property, props[property]]);
  return Object.fromEntries(entries);
}

/** A text out of a bag; throws TypeError where there is none, naming the field and no value. */
export function text(props: Props, property: string): string {
  const value = props[property];
  if (typeof value !== "string" || value === "") throw new TypeError(`${property} is missing from the resource`);
  return value;
}

/** A text out of a bag; undefined where there is none. */
export function optionalText(props: Props, property: string): string | undefined {
  const value = props[property];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The rule for a name of Azure's. */
export const named =
  (kind: NameKind) =>
  (value: unknown): string | undefined =>
    typeof value === "string" ? nameFault(kind, value) : "must be text";

/** The rule for one of some words. */
export const oneOf =
  (...choices: readonly string[]) =>
  (value: unknown): string | undefined =>
    typeof value === "string" && choices.includes(value) ? undefined : `must be one of ${choices.join(", ")}`;

/** The rule for a whole number within limits, both allowed. */
export const whole =
  (minimum: number, maximum: number) =>
  (value: unknown): string | undefined =>
    Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : `must be a whole number from ${minimum} to ${maximum}`;

/** The rule for PEM certificates. The message never contains the value. */
export const pemCertificates = (value: unknown): string | undefined =>
  typeof value === "string" && value.includes("-----BEGIN CERTIFICATE-----") && !value.includes("PRIVATE KEY")
    ? undefined
    : "must be PEM certificates, and no key";
