import fc from "fast-check";
import type { BinaryOperator, Constant, Expression, Query } from "../../emulator/hub/queries/queryTree";

const OPERATORS: readonly BinaryOperator[] = [
  ...(["OR", "AND", "=", "!=", "<", ">", "<=", ">="] as const),
  ...(["IN", "NIN", "+", "-", "*", "/", "%"] as const),
];

/** Names of few documents, so that conditions hold now and then; some need double brackets. */
const name = fc.constantFrom("a", "b", "and-or", "x y", "FROM", "$version");
const path = fc.array(name, { minLength: 1, maxLength: 2 }).map((names) => ["tags", ...names]);
const primitive: fc.Arbitrary<Constant> = fc.oneof(
  fc.constantFrom(null, undefined, true, false, "", "a", "it's", 'say "x"', "\\ü\n", 0, 1, -2, 1.5, 1e21),
);

/** Expressions as the parser makes them: a negative number is a constant, and IN has any right side. */
export const expressions = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    primitive.map((value): Expression => ({ kind: "constant", value })),
    path.map((each): Expression => ({ kind: "path", path: each })),
    fc
      .array(primitive, { maxLength: 3 })
      .map((items): Expression => ({ kind: "array", items: items.map((value) => ({ kind: "constant", value })) })),
    tie("any").map((of): Expression => ({ kind: "not", of })),
    path.map((each): Expression => ({ kind: "minus", of: { kind: "path", path: each } })),
    fc
      .tuple(fc.constantFrom(...OPERATORS), tie("any"), tie("any"))
      .map(([operator, left, right]): Expression => ({ kind: "binary", operator, left, right })),
    fc
      .tuple(fc.constantFrom("IS_DEFINED", "IS_STRING", "LENGTH", "ABS", "UPPER"), tie("any"))
      .map(([call, value]): Expression => ({ kind: "call", name: call, values: [value] })),
    fc
      .tuple(fc.constantFrom("STARTSWITH", "CONTAINS", "ARRAY_CONTAINS", "CONCAT"), tie("any"), tie("any"))
      .map(([call, one, other]): Expression => ({ kind: "call", name: call, values: [one, other] })),
  ),
})).any;

const projection = fc.record({
  alias: name,
  path,
  aggregate: fc.constantFrom(undefined, "AVG" as const, "MAX" as const),
});

/** Queries without a condition. */
export const queries: fc.Arbitrary<Query> = fc
  .record({
    from: fc.constantFrom("devices" as const, "devices.modules" as const, "devices.jobs" as const),
    select: fc.option(fc.array(projection, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    top: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
    where: fc.option(expressions, { nil: undefined }),
  })
  .map(({ from, select, ...rest }): Query => {
    if (from === "devices.jobs" || !select) return { ...rest, from, select: undefined, groupBy: undefined };
    const isAggregate = select.some(({ aggregate }) => aggregate);
    const single = select.filter(({ aggregate }) => !aggregate).map((each) => each.path);
    const needsGroups = isAggregate && single.length > 0;
    return { ...rest, from: needsGroups ? "devices" : from, select, groupBy: needsGroups ? single : undefined };
  });

const printedName = (text: string): string => `[[${text}]]`;
const printedPath = ([first = "", ...rest]: readonly string[]): string => [first, ...rest.map(printedName)].join(".");

function printedConstant(value: Constant): string {
  if (typeof value === "string") {
    return `'${value.replace(/[\\'\n]/g, (letter) => ({ "\\": "\\\\", "'": "\\'", "\n": "\\n" })[letter] ?? "")}'`;
  }
  return value === undefined ? "undefined" : typeof value === "number" ? `${value}`.replace("e+", "e") : `${value}`;
}

/** Writes an expression as text, with brackets around everything. */
export function printed(expression: Expression): string {
  switch (expression.kind) {
    case "constant":
      return printedConstant(expression.value);
    case "path":
      return printedPath(expression.path);
    case "array":
      return `[${expression.items.map(printed).join(", ")}]`;
    case "not":
      return `(NOT (${printed(expression.of)}))`;
    case "minus":
      return `(-${printed(expression.of)})`;
    case "call":
      return `${expression.name}(${expression.values.map(printed).join(", ")})`;
    case "binary":
      return `(${printed(expression.left)} ${expression.operator} ${printed(expression.right)})`;
  }
}

/** Writes a query as text. */
export function printedQuery({ from, select, top, where, groupBy }: Query): string {
  const list = select?.map(({ alias, path: of = [], aggregate }) =>
    [aggregate ? `${aggregate}(${printedPath(of)})` : printedPath(of), `AS ${printedName(alias)}`].join(" "),
  );
  return [
    `SELECT ${top === undefined ? "" : `TOP ${top} `}${list?.join(", ") ?? "*"}`,
    `FROM ${from}`,
    where && `WHERE ${printed(where)}`,
    groupBy && `GROUP BY ${groupBy.map(printedPath).join(", ")}`,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}
