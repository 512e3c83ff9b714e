/** A value that an expression has: JSON, or undefined. */
export type Value = unknown;

export interface QueryFunction {
  readonly minimum: number;
  /** Most arguments. */
  readonly maximum: number;
  readonly apply: (...values: readonly Value[]) => Value;
}

/** The longest text that CONCAT makes, in characters. */
const TEXT_LIMIT = 256 * 1024;

const isText = (value: Value): value is string => typeof value === "string";
const isNumber = (value: Value): value is number => typeof value === "number";

const check = (apply: (value: Value) => boolean): QueryFunction => ({ minimum: 1, maximum: 1, apply });

/** A function of numbers; undefined for anything else, and for a result that is no number. */
const math = (count: number, compute: (...numbers: number[]) => number): QueryFunction => ({
  minimum: count,
  maximum: count,
  apply(...values) {
    if (!values.every(isNumber)) return undefined;
    const result = compute(...values);
    return Number.isFinite(result) ? result : undefined;
  },
});

/** A function of texts; undefined for anything else. */
const text = (count: number, compute: (...texts: string[]) => Value): QueryFunction => ({
  minimum: count,
  maximum: count,
  apply: (...values) => (values.every(isText) ? compute(...values) : undefined),
});

const isPrimitive = (value: Value): boolean =>
  value === null || isText(value) || isNumber(value) || typeof value === "boolean";

function asNumber(value: Value): Value {
  if (isNumber(value)) return value;
  if (!isText(value) || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function substring(value: Value, start: Value, length?: Value): Value {
  if (!isText(value) || !isNumber(start) || start < 0) return undefined;
  if (length === undefined) return value.slice(start);
  return isNumber(length) && length >= 0 ? value.slice(start, start + length) : undefined;
}

function concat(...values: readonly Value[]): Value {
  if (!values.every(isText)) return undefined;
  const length = values.reduce((sum, value) => sum + value.length, 0);
  return length > TEXT_LIMIT ? undefined : values.join("");
}

const startsWith = text(2, (value, start) => value.startsWith(start));
const endsWith = text(2, (value, end) => value.endsWith(end));

/**
 * The functions of the language by their names. Sources: Azure documentation, "IoT Hub query language" and "IoT Hub message
 * routing query syntax"; ARRAY_CONTAINS, STARTSWITH and ENDSWITH as az and users call them.
 */
export const QUERY_FUNCTIONS: Readonly<Record<string, QueryFunction>> = Object.freeze({
  IS_DEFINED: check((value) => value !== undefined),
  IS_NULL: check((value) => value === null),
  IS_BOOL: check((value) => typeof value === "boolean"),
  IS_NUMBER: check(isNumber),
  IS_STRING: check(isText),
  IS_ARRAY: check(Array.isArray),
  IS_OBJECT: check((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  IS_PRIMITIVE: check(isPrimitive),
  AS_NUMBER: { minimum: 1, maximum: 1, apply: asNumber },
  ABS: math(1, Math.abs),
  CEILING: math(1, Math.ceil),
  EXP: math(1, Math.exp),
  FLOOR: math(1, Math.floor),
  POWER: math(2, (base, exponent) => base ** exponent),
  SIGN: math(1, Math.sign),
  SQRT: math(1, Math.sqrt),
  SQUARE: math(1, (value) => value * value),
  CONCAT: { minimum: 2, maximum: 100, apply: concat },
  CONTAINS: text(2, (value, fragment) => value.includes(fragment)),
  ENDS_WITH: endsWith,
  ENDSWITH: endsWith,
  INDEX_OF: text(2, (value, fragment) => value.indexOf(fragment)),
  LENGTH: text(1, (value) => value.length),
  LOWER: text(1, (value) => value.toLowerCase()),
  STARTS_WITH: startsWith,
  STARTSWITH: startsWith,
  SUBSTRING: { minimum: 2, maximum: 3, apply: substring },
  UPPER: text(1, (value) => value.toUpperCase()),
  ARRAY_CONTAINS: {
    minimum: 2,
    maximum: 2,
    apply: (list, item) => (Array.isArray(list) && isPrimitive(item) ? list.includes(item) : undefined),
  },
});
