/** Input and result of a rule; without Pulumi, so that rules are plain functions. */

/** A value that is unknown before the deployment. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A resource, as passed to a rule. */
export interface Resource {
  /** For example `azure-native:iothub:IotHubResource`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** Inputs after the provider's check. Reading an unknown one may throw. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Pulumi's `protect` option. */
  readonly isProtected: boolean;
}

/** A violation of a rule. */
export interface PolicyViolation {
  /** A property, or an option such as `protect`. */
  readonly field: string;
  /** The value, safe to print. */
  readonly value: unknown;
  /** The violated rule. */
  readonly rule: string;
  /** How to fix it. */
  readonly remedy: string;
}

/** A rule for one resource, with the policy's configuration. */
export type Rule<C> = (resource: Resource, config: C) => readonly PolicyViolation[];

/**
 * The value at a path such as `properties.minTlsVersion` (an array if a step contains a dot); undefined if not set,
 * {@link UNKNOWN} before the deployment: the engine passes unknown values as objects that throw when read.
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

/** Names of inputs with a prefix, without it. */
export const namesAfter = ({ props }: Resource, prefix: string): readonly string[] =>
  Object.keys(props).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));

/** A violation as the engine prints it: field, value, rule, remedy. */
export function violationText({ field, value, rule, remedy }: PolicyViolation): string {
  const shown = value === undefined ? "is not set" : `= ${JSON.stringify(value)}`;
  return `${field} ${shown}: ${rule}.\n    To fix: ${remedy}.`;
}
