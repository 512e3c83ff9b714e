import { isObject } from "../../../azure/wire/jsonObject";
import { QUERY_FUNCTIONS, type Value } from "./queryFunctions";
import { type BinaryOperator, chainOf, type Expression } from "./queryTree";

/** Returns the value at a path of a document; undefined where there is none. */
export function valueAt(document: unknown, path: readonly string[]): Value {
  let value = document;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

type Primitive = null | boolean | number | string;

const isPrimitive = (value: Value): value is Primitive =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** Compares primitives of one type; undefined for anything else, as the documentation's limitations say. */
function compare(operator: BinaryOperator, left: Value, right: Value): Value {
  if (!isPrimitive(left) || !isPrimitive(right)) return undefined;
  if (operator === "=") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left !== typeof right || left === null || right === null || typeof left === "boolean") return undefined;
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    default:
      return left >= right;
  }
}

function calculate(operator: BinaryOperator, left: Value, right: Value): Value {
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  const result =
    operator === "+"
      ? left + right
      : operator === "-"
        ? left - right
        : operator === "*"
          ? left * right
          : operator === "/"
            ? left / right
            : left % right;
  return Number.isFinite(result) ? result : undefined;
}

/** AND and OR with three values: what is neither true nor false is undefined. */
function combine(operator: "AND" | "OR", left: Value, right: Value): Value {
  const decisive = operator === "OR";
  if (left === decisive || right === decisive) return decisive;
  return left === !decisive && right === !decisive ? !decisive : undefined;
}

function isIn(left: Value, list: Value): Value {
  if (!isPrimitive(left) || !Array.isArray(list)) return undefined;
  return list.includes(left);
}

function negate(value: Value): Value {
  return typeof value === "boolean" ? !value : undefined;
}

function apply(operator: BinaryOperator, left: Value, right: Value): Value {
  switch (operator) {
    case "AND":
    case "OR":
      return combine(operator, left, right);
    case "IN":
      return isIn(left, right);
    case "NIN":
      return negate(isIn(left, right));
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return calculate(operator, left, right);
    default:
      return compare(operator, left, right);
  }
}

function binary(expression: Expression, document: unknown): Value {
  const { first, rest } = chainOf(expression);
  let value = evaluate(first, document);
  for (const { operator, right } of rest) {
    // The outcome is known.
    if ((operator === "OR" && value === true) || (operator === "AND" && value === false)) continue;
    value = apply(operator, value, evaluate(right, document));
  }
  return value;
}

/** Returns the value of an expression over a document; undefined where it has none. */
export function evaluate(expression: Expression, document: unknown): Value {
  switch (expression.kind) {
    case "constant":
      return expression.value;
    case "path":
      return valueAt(document, expression.path);
    case "array":
      return expression.items.map((item) => evaluate(item, document));
    case "not":
      return negate(evaluate(expression.of, document));
    case "minus": {
      const value = evaluate(expression.of, document);
      return typeof value === "number" ? -value : undefined;
    }
    case "call":
      return QUERY_FUNCTIONS[expression.name]?.apply(...expression.values.map((value) => evaluate(value, document)));
    case "binary":
      return binary(expression, document);
  }
}

/** Whether a document meets a condition: only true does. */
export const meets = (condition: Expression | undefined, document: unknown): boolean =>
  condition === undefined || evaluate(condition, document) === true;

/** Returns the device IDs of `deviceId = '…'` or `deviceId IN […]`; undefined for another condition. */
function namedIds(condition: Expression): readonly string[] | undefined {
  if (condition.kind !== "binary") return undefined;
  const { operator, left, right } = condition;
  if (operator !== "=" && operator !== "IN") return undefined;
  if (left.kind !== "path" || left.path.length !== 1 || left.path[0] !== "deviceId") return undefined;
  const list = operator === "=" ? [right] : right.kind === "array" ? right.items : undefined;
  if (!list?.every((each) => each.kind === "constant")) return undefined;
  const ids = list.map(({ value }) => value).filter((value) => typeof value === "string");
  return [...new Set(ids)].sort();
}

/**
 * Returns the device IDs to which a condition is limited by `deviceId = '…'` or `deviceId IN […]`; undefined where it may hold for
 * every device.
 */
export function deviceIdsOf(condition: Expression | undefined): readonly string[] | undefined {
  let found: readonly string[] | undefined;
  let left = condition;
  for (; left?.kind === "binary" && left.operator === "AND"; left = left.left) {
    found = deviceIdsOf(left.right) ?? found;
  }
  return (left && namedIds(left)) ?? found;
}
