import { strict as assert } from "node:assert";
import fc from "fast-check";
import { deviceIdsOf, evaluate, meets } from "../../../../../emulator/hub/queries/evaluateExpression";
import { parseCondition } from "../../../../../emulator/hub/queries/parseQuery";
import type { Expression } from "../../../../../emulator/hub/queries/queryTree";
import { expressions } from "../../../../cast/queryArbitrary";

const DOCUMENT = {
  deviceId: "dev-1",
  tags: { site: "north", floor: 3, ok: true, none: null, list: ["a", 1], deep: { a: { b: "x" } } },
};
const value = (text: string): unknown => evaluate(parseCondition(text), DOCUMENT);

/** The same language, written once more from its documentation: slower, and by another way. */
function naive(expression: Expression, document: unknown): unknown {
  const primitive = (each: unknown) => each !== undefined && (each === null || typeof each !== "object");
  const boolean = (each: unknown) => (typeof each === "boolean" ? each : undefined);
  if (expression.kind === "constant") return expression.value;
  if (expression.kind === "array") return expression.items.map((item) => naive(item, document));
  if (expression.kind === "path") {
    return expression.path.reduce<unknown>((found, name) => {
      const isObject = typeof found === "object" && found !== null && !Array.isArray(found);
      return isObject ? new Map(Object.entries(found)).get(name) : undefined;
    }, document);
  }
  if (expression.kind === "not") {
    const of = boolean(naive(expression.of, document));
    return of === undefined ? undefined : !of;
  }
  if (expression.kind === "minus") {
    const of = naive(expression.of, document);
    return typeof of === "number" ? 0 - of : undefined;
  }
  if (expression.kind === "call") {
    const [one, other] = expression.values.map((each) => naive(each, document));
    const texts = typeof one === "string" && typeof other === "string";
    switch (expression.name) {
      case "IS_DEFINED":
        return one !== undefined;
      case "IS_STRING":
        return typeof one === "string";
      case "LENGTH":
        return typeof one === "string" ? one.length : undefined;
      case "ABS":
        return typeof one === "number" ? (one < 0 ? 0 - one : one) : undefined;
      case "UPPER":
        return typeof one === "string" ? one.toUpperCase() : undefined;
      case "STARTSWITH":
        return texts ? one.slice(0, other.length) === other : undefined;
      case "CONTAINS":
        return texts ? one.split(other).length > 1 || other === "" : undefined;
      case "ARRAY_CONTAINS":
        return Array.isArray(one) && primitive(other) ? one.some((each) => each === other) : undefined;
      default:
        return texts ? `${one}${other}` : undefined;
    }
  }
  if (expression.kind !== "binary") return undefined;
  const left = naive(expression.left, document);
  const right = naive(expression.right, document);
  const sameType = typeof left === typeof right && left !== null && right !== null && typeof left !== "boolean";
  const ordered = (compare: (a: string, b: string) => boolean) =>
    primitive(left) && primitive(right) && sameType ? compare(left as string, right as string) : undefined;
  const number = (compute: (a: number, b: number) => number) => {
    const result = typeof left === "number" && typeof right === "number" ? compute(left, right) : Number.NaN;
    return Number.isFinite(result) ? result : undefined;
  };
  const inList = primitive(left) && Array.isArray(right) ? right.some((each) => each === left) : undefined;
  switch (expression.operator) {
    case "AND":
      if ([left, right].includes(false)) return false;
      return left === true && right === true ? true : undefined;
    case "OR":
      if ([left, right].includes(true)) return true;
      return left === false && right === false ? false : undefined;
    case "=":
      return primitive(left) && primitive(right) ? left === right : undefined;
    case "!=":
      return primitive(left) && primitive(right) ? left !== right : undefined;
    case "<":
      return ordered((a, b) => a < b);
    case ">":
      return ordered((a, b) => b < a);
    case "<=":
      return ordered((a, b) => !(b < a));
    case ">=":
      return ordered((a, b) => !(a < b));
    case "IN":
      return inList;
    case "NIN":
      return inList === undefined ? undefined : !inList;
    case "+":
      return number((a, b) => a + b);
    case "-":
      return number((a, b) => a - b);
    case "*":
      return number((a, b) => a * b);
    case "/":
      return number((a, b) => a / b);
    default:
      return number((a, b) => a % b);
  }
}

describe("the query language of IoT Hub: evaluation", () => {
  it("agrees with a naive evaluator", () => {
    const leaf = fc.constantFrom(null, true, false, 1, -2, 1.5, "a", "it's", ["a", 1], { a: "a", b: 1 });
    const tags = fc.dictionary(fc.constantFrom("a", "b", "and-or", "x y", "FROM", "$version"), leaf);
    fc.assert(
      fc.property(expressions, tags, (expression, some) => {
        const document = { tags: some };
        assert.deepEqual(evaluate(expression, document), naive(expression, document));
      }),
      { numRuns: 2000 },
    );
  });

  it("compares primitives of one type, and nothing else", () => {
    for (const [text, expected] of [
      ["tags.site = 'north'", true],
      ["tags.site = 'North'", false],
      ["tags.site < 'o'", true],
      ["tags.floor >= 3 AND tags.floor <= 3", true],
      ["tags.floor = '3'", false],
      ["tags.floor > '2'", undefined],
      ["tags.ok = true", true],
      ["tags.ok > false", undefined],
      ["tags.none = null", true],
      ["tags.none < 1", undefined],
      ["tags.list = tags.list", undefined],
      ["tags.deep.a.b = 'x'", true],
      ["tags.missing = 1", undefined],
      ["tags.missing != 1", undefined],
      ["NOT tags.missing = 1", undefined],
      ["tags.missing = 1 OR tags.ok", true],
      ["tags.floor IN [1, 3]", true],
      ["tags.floor NIN [1, 3]", false],
      ["tags.missing NIN [1]", undefined],
      ["tags.floor + 1 = 4 AND tags.floor % 2 = 1 AND tags.floor / 2 = 1.5", true],
      ["tags.floor / 0 > 1", undefined],
      ["tags.floor.x = 1", undefined],
      ["tags.site.length = 5", undefined],
      ["tags.constructor = null", undefined],
      ["is_defined(tags.none) AND NOT is_defined(tags.missing)", true],
      ["is_null(tags.none)", true],
      ["is_bool(tags.ok) AND is_number(tags.floor) AND is_string(tags.site) AND is_array(tags.list)", true],
      ["is_object(tags.deep) AND NOT is_object(tags.list) AND is_primitive(tags.none)", true],
      ["STARTSWITH(deviceId, 'dev') AND starts_with(deviceId, 'd') AND endswith(deviceId, '1')", true],
      ["CONTAINS(tags.site, 'ort') AND INDEX_OF(tags.site, 'r') = 2 AND LENGTH(tags.site) = 5", true],
      ["CONTAINS(tags.floor, '3')", undefined],
      ["ARRAY_CONTAINS(tags.list, 1)", true],
      ["SUBSTRING(tags.site, 1, 2) = 'or' AND SUBSTRING(tags.site, 3) = 'th'", true],
      ["CONCAT(tags.site, '-', deviceId) = 'north-dev-1' AND UPPER(tags.site) = 'NORTH'", true],
      ["AS_NUMBER('12') = 12 AND IS_DEFINED(AS_NUMBER('x')) = false", true],
      ["ABS(-2) = 2 AND POWER(2, 3) = 8 AND SQUARE(3) = 9 AND SQRT(9) = 3 AND SIGN(-4) = -1", true],
      ["CEILING(1.2) = 2 AND FLOOR(1.8) = 1 AND EXP(0) = 1", true],
      ["SQRT(-1) = 1", undefined],
    ] as const) {
      assert.equal(value(text), expected, text);
    }
  });

  it("holds only where the value is true", () => {
    for (const text of ["tags.floor", "tags.site", "tags.missing", "null", "undefined", "tags.list", "'true'"]) {
      assert.equal(meets(parseCondition(text), DOCUMENT), false, text);
    }
    assert.equal(meets(undefined, DOCUMENT), true);
  });

  it("makes no text without end", () => {
    let text = "'0123456789012345678901234567890123456789'";
    for (let n = 0; n < 60; n += 1) text = `CONCAT(${text}, tags.site)`;
    assert.equal(typeof value(text), "string");
    const big = { tags: { a: "x".repeat(200_000) } };
    assert.equal(evaluate(parseCondition("CONCAT(tags.a, tags.a)"), big), undefined);
  });

  it("knows the devices to which a condition is limited", () => {
    const ids = (text: string) => deviceIdsOf(parseCondition(text));
    assert.deepEqual(ids("deviceId = 'b'"), ["b"]);
    assert.deepEqual(ids("tags.a = 1 AND deviceId IN ['b', 'a', 'b', 1]"), ["a", "b"]);
    assert.deepEqual(ids("deviceId = 'a' AND (tags.a = 1 AND deviceId = 'b')"), ["a"]);
    assert.deepEqual(ids(`tags.a = 1 AND deviceId = 'b' ${"AND tags.a = 1 ".repeat(20_000)}`), ["b"]);
    for (const text of [
      "deviceId = 'b' OR tags.a = 1",
      "deviceId != 'b'",
      "deviceId = tags.a",
      "tags.deviceId = 'b'",
    ]) {
      assert.equal(ids(text), undefined, text);
    }
  });
});
