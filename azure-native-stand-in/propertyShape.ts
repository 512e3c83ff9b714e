/**
 * The shapes of a resource's properties: what a program may set, what it must set, what only Azure sets, and the
 * specification's limits. The entries in `types/` follow the SDK's classes; a unit test compares them with its declarations.
 */

/** The specification's limits of a text. */
export interface TextLimits {
  /** A regular expression of the specification. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** The specification's limits of a number, both allowed. */
export interface NumberLimits {
  /** Whether the number may have a fraction. */
  readonly fraction?: true;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The shape of a value. `ids` is a list of resource IDs in inputs and an object keyed by them on ARM's wire. */
export type Shape =
  | ({ readonly kind: "string" } & TextLimits)
  | ({ readonly kind: "number" } & NumberLimits)
  | { readonly kind: "boolean" | "ids" | "any" }
  /** `identifier` names the member that identifies an element (`x-ms-identifiers`): their order does not count then. */
  | { readonly kind: "list"; readonly of: Shape; readonly identifier?: string }
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "object"; readonly properties: Shapes };

/** One property of an object. */
export interface Property {
  readonly shape: Shape;
  /** Must be set by the program. */
  readonly required?: true;
  /** Set by Azure only; no input. */
  readonly computed?: true;
  /** Its name on ARM's wire, where the SDK has another. */
  readonly wire?: string;
}

/** The properties of an object, by name. */
export type Shapes = Readonly<Record<string, Property>>;

export const text: Shape = { kind: "string" };
export const integer: Shape = { kind: "number" };
export const decimal: Shape = { kind: "number", fraction: true };
export const flag: Shape = { kind: "boolean" };
export const ids: Shape = { kind: "ids" };
export const any: Shape = { kind: "any" };
export const limitedText = (limits: TextLimits): Shape => ({ kind: "string", ...limits });
export const integerFrom = (minimum: number, maximum: number): Shape => ({ kind: "number", minimum, maximum });
export const list = (of: Shape): Shape => ({ kind: "list", of });
/** A list with elements identified by one of their members. */
export const listBy = (identifier: string, of: Shape): Shape => ({ kind: "list", of, identifier });
export const map = (of: Shape): Shape => ({ kind: "map", of });
export const object = (properties: Shapes): Shape => ({ kind: "object", properties });

/** A property that a program may set. */
export const optional = (shape: Shape): Property => ({ shape });
/** A property that a program must set. */
export const required = (shape: Shape): Property => ({ shape, required: true });
/** A property that Azure sets. */
export const computed = (shape: Shape): Property => ({ shape, computed: true });
/** The same property with another name on ARM's wire. */
export const onWire = (wire: string, property: Property): Property => ({ ...property, wire });
