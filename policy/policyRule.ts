/** What a rule looks at, and what it finds; without Pulumi, so that rules are plain functions. */

/** A value that is not known before the deployment. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** One resource as a rule sees it. */
export interface Resource {
  /** For example `azure-native:iothub:IotHubResource`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** Inputs, as the provider has checked them. Reading one that is not known yet may throw. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Whether Pulumi refuses to delete it. */
  readonly isProtected: boolean;
}

/** Something that a rule does not allow. */
export interface PolicyViolation {
  /** Where: a property, or an option such as `protect`. */
  readonly field: string;
  /** The value, in a form that may be printed. */
  readonly value: unknown;
  /** The rule that it breaks. */
  readonly rule: string;
  /** What to do. */
  readonly remedy: string;
}

/** A rule over one resource, with the policy's own configuration. */
export type Rule<C> = (resource: Resource, config: C) => readonly PolicyViolation[];

/**
 * The value at a path such as `properties.minTlsVersion` (a list where a step holds a dot); undefined where there is none, {@link UNKNOWN} where only the
 * deployment decides. The engine passes unknown values as objects that throw when they are read.
 */
export function at({ props }: Resource, path: string | readonly string[]): unknown {
  let value: unknown = props;
  try {
    for (const step of typeof path === "string" ? path.split(".") : path) {
      if (typeof value !== "object" || value === null) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[step];
    }
  } catch {
    return UNKNOWN;
  }
  return value;
}

/** What follows `prefix` in the names of the inputs that begin with it. */
export const namesAfter = ({ props }: Resource, prefix: string): readonly string[] =>
  Object.keys(props).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));

/** A violation as the engine prints it: field, value, rule, remedy. */
export function violationText({ field, value, rule, remedy }: PolicyViolation): string {
  const shown = value === undefined ? "is not set" : `= ${JSON.stringify(value)}`;
  return `${field} ${shown}: ${rule}.\n    To fix: ${remedy}.`;
}
