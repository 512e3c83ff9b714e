/** Tables of inputs: rule, default and the effect of a change. `check` and `diff` read the tables. */
import { type NameKind, nameError } from "../../../azure/names";
import { isSame } from "./canonicalJson";
import type { CheckFailure, CheckResult, DiffResult, Props } from "./handler";

/** One input. */
export interface Field {
  /** Default false. */
  readonly isRequired?: boolean;
  /** The value of an absent input, also in state written before the field existed. */
  readonly default?: unknown;
  /**
   * What a change does: a new resource (`replace`), an update (the default), or nothing, for what follows from another field.
   * `replaceWithParent` names the Azure resource that this one is part of, without regard to letter case.
   */
  readonly onChange?: "replace" | "replaceWithParent" | "update" | "ignore";
  /** Whether a value of the state is the same as a program's. Default: by content. */
  readonly isSame?: (before: unknown, after: unknown) => boolean;
  /** Returns what is wrong with the value; undefined for a valid one. */
  readonly validate?: (value: unknown) => string | undefined;
}

/** The inputs of a resource, by name. */
export type Fields = Readonly<Record<string, Field>>;

/** The engine's placeholder for an unknown value, in previews. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Checks inputs against the table: fills in defaults and reports all errors at once. Unknown values pass. */
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
    const reason = value === UNKNOWN ? undefined : field.validate?.(value);
    if (reason !== undefined) failures.push({ property, reason });
  }
  return { inputs, failures };
}

/** The errors of inputs that are needed, and missing; `why` completes the message. */
export const missingFields = (inputs: Props, needed: readonly string[], why: string): CheckFailure[] =>
  needed
    .filter((property) => inputs[property] === undefined)
    .map((property) => ({ property, reason: `${property} is missing: ${why}` }));

const lowerCase = (value: unknown): unknown => (typeof value === "string" ? value.toLowerCase() : value);

/** The names of the fields that differ between state and inputs, without ignored ones. An unknown value is a change. */
export function changedFields(fields: Fields, olds: Props, news: Props): string[] {
  const differs = ([property, { onChange, default: fallback, isSame: isEqual = isSame }]: [string, Field]): boolean => {
    const [before, after] = [olds[property] ?? fallback, news[property] ?? fallback];
    if (onChange === "replaceWithParent") return !isSame(lowerCase(before), lowerCase(after));
    return onChange !== "ignore" && !isEqual(before, after);
  };
  return Object.entries(fields)
    .filter(differs)
    .map(([property]) => property);
}

/**
 * Compares state with inputs by the table. An unknown value never replaces, except the parent's: it is known while the parent
 * is updated, and unknown only if the parent is created or replaced, which deletes its children. The engine also calls this
 * to find the resources to delete before a parent that keeps its name.
 */
export function diffFields(fields: Fields, olds: Props, news: Props): DiffResult {
  const changed = changedFields(fields, olds, news);
  const replaces = (property: string): boolean => {
    const onChange = fields[property]?.onChange;
    return onChange === "replaceWithParent" || (onChange === "replace" && news[property] !== UNKNOWN);
  };
  return { changes: changed.length > 0, replaces: changed.filter(replaces) };
}

/** The fields of the table only, for state; leaves out other properties, such as the forwarder's text. */
export function pickFields(fields: Fields, props: Props, except: readonly string[] = []): Record<string, unknown> {
  const entries = Object.keys(fields)
    .filter((property) => !except.includes(property) && props[property] !== undefined)
    .map((property) => [property, props[property]]);
  return Object.fromEntries(entries);
}

/** A string property. Throws TypeError, with the name only, if it is missing or empty. */
export function text(props: Props, property: string): string {
  const value = props[property];
  if (typeof value !== "string" || value === "") throw new TypeError(`${property} is missing from the resource`);
  return value;
}

/** A string property; undefined if it is missing or empty. */
export function optionalText(props: Props, property: string): string | undefined {
  const value = props[property];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The rule for an Azure name. */
export const named =
  (kind: NameKind) =>
  (value: unknown): string | undefined =>
    typeof value === "string" ? nameError(kind, value) : "must be text";

/** The rule for a choice of strings. */
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
