/**
 * The shape of a resource's properties: what may be set, what must be, what only Azure sets, what is secret.
 * The entries in `types/` follow the SDK's own classes; a unit test holds them against its declarations.
 */

/** What a value looks like. `ids` is a list of resource ids in inputs and an object keyed by them on ARM's wire. */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "ids" | "any" }
  | { readonly kind: "list" | "map"; readonly of: Shape }
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
  /** A key or a connection string: kept as a Pulumi secret in every output. */
  readonly secret?: true;
}

/** The properties of an object, by name. */
export type Shapes = Readonly<Record<string, Property>>;

export const text: Shape = { kind: "string" };
export const count: Shape = { kind: "number" };
export const flag: Shape = { kind: "boolean" };
export const ids: Shape = { kind: "ids" };
export const any: Shape = { kind: "any" };
export const list = (of: Shape): Shape => ({ kind: "list", of });
export const map = (of: Shape): Shape => ({ kind: "map", of });
export const object = (properties: Shapes): Shape => ({ kind: "object", properties });

/** A property that a program may set. */
export const may = (shape: Shape): Property => ({ shape });
/** A property that a program must set. */
export const must = (shape: Shape): Property => ({ shape, required: true });
/** A property that Azure sets. */
export const gives = (shape: Shape): Property => ({ shape, computed: true });
/** The same property, called otherwise on ARM's wire. */
export const spelled = (wire: string, property: Property): Property => ({ ...property, wire });
/** The same property, kept secret in outputs. */
export const hidden = (property: Property): Property => ({ ...property, secret: true });
