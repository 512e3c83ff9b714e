import { evaluate } from "../queries/evaluateExpression";
import { readExpression } from "../queries/parseExpression";
import { QueryReader } from "../queries/queryReader";
import { QuerySyntaxError } from "../queries/querySyntaxError";
import { chainOf, type Expression } from "../queries/queryTree";

/** The most conditions whose trees are kept, and their characters. */
const [CACHE_LIMIT, CACHE_CHARACTERS] = [1000, 1024 * 1024];
const known = new Map<string, Expression | QuerySyntaxError>();
let knownCharacters = 0;

/** Property names are written in any letter case; what is in a body or a twin is case-sensitive. */
function withLowerNames(expression: Expression): Expression {
  switch (expression.kind) {
    case "path": {
      const [first = "", ...rest] = expression.path;
      return { kind: "path", path: [first.toLowerCase(), ...rest] };
    }
    case "array":
      return { ...expression, items: expression.items.map(withLowerNames) };
    case "not":
    case "minus":
      return { ...expression, of: withLowerNames(expression.of) };
    case "binary": {
      const { first, rest } = chainOf(expression);
      return rest.reduce<Expression>(
        (left, { operator, right }) => ({ kind: "binary", operator, left, right: withLowerNames(right) }),
        withLowerNames(first),
      );
    }
    case "call":
      return { ...expression, values: expression.values.map(withLowerNames) };
    default:
      return expression;
  }
}

function compile(text: string): Expression | QuerySyntaxError {
  try {
    const reader = new QueryReader(text);
    const expression = readExpression(reader);
    return reader.token.kind === "end" ? withLowerNames(expression) : reader.unexpected("the end");
  } catch (error) {
    if (error instanceof QuerySyntaxError) return error;
    throw error;
  }
}

/** Returns the condition of a route as a tree, or why it is none. An empty one is `true`. Source: Azure documentation, "IoT Hub message routing query syntax". */
export function conditionOf(text: string): Expression | QuerySyntaxError {
  const found = known.get(text);
  if (found) return found;
  knownCharacters += text.length;
  if (known.size >= CACHE_LIMIT || knownCharacters > CACHE_CHARACTERS) {
    known.clear();
    knownCharacters = text.length;
  }
  const compiled = compile(text.trim() === "" ? "true" : text);
  known.set(text, compiled);
  return compiled;
}

/** Whether a document meets a condition; an invalid condition is met by none. */
export function meetsCondition(text: string, document: object): boolean {
  const condition = conditionOf(text);
  return !(condition instanceof QuerySyntaxError) && evaluate(condition, document) === true;
}
