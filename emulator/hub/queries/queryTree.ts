/** The trees that queries are parsed to. Source: Azure documentation, "IoT Hub query language". */

/** A constant of the language. */
export type Constant = null | undefined | boolean | number | string | readonly Constant[];

export type BinaryOperator =
  | "OR"
  | "AND"
  | "="
  | "!="
  | "<"
  | ">"
  | "<="
  | ">="
  | "IN"
  | "NIN"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

/** A path into a document, without the name of the collection: `["tags", "site"]`. */
export interface PathExpression {
  readonly kind: "path";
  readonly path: readonly string[];
}

export type Expression =
  | { readonly kind: "constant"; readonly value: Constant }
  | PathExpression
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "not" | "minus"; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `name`: as in the table of functions. */
  | { readonly kind: "call"; readonly name: string; readonly values: readonly Expression[] };

type BinaryExpression = Extract<Expression, { kind: "binary" }>;

/**
 * Returns the first operand of a chain of operators, and the others with the operator before each. Operators of one level make a tree
 * that is deep to the left, which a function must not descend by calling itself.
 */
export function chainOf(expression: Expression): {
  readonly first: Expression;
  readonly rest: readonly Pick<BinaryExpression, "operator" | "right">[];
} {
  const rest: BinaryExpression[] = [];
  let first = expression;
  while (first.kind === "binary") {
    rest.push(first);
    first = first.left;
  }
  return { first, rest: rest.reverse() };
}

export type AggregateName = "COUNT" | "AVG" | "SUM" | "MIN" | "MAX";

/** An element of a SELECT list. */
export interface Projection {
  /** The member of the result. */
  readonly alias: string;
  /** Undefined for COUNT(). */
  readonly path?: readonly string[];
  readonly aggregate?: AggregateName;
}

export const COLLECTIONS = ["devices", "devices.modules", "devices.jobs"] as const;
export type CollectionName = (typeof COLLECTIONS)[number];

export interface Query {
  readonly from: CollectionName;
  /** Undefined for `SELECT *`. */
  readonly select?: readonly Projection[];
  /** The most results of all pages together. */
  readonly top?: number;
  readonly where?: Expression;
  readonly groupBy?: readonly (readonly string[])[];
}
