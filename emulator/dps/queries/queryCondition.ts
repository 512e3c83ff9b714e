import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";

/** Returns whether an item, as on the wire, matches. */
export type Condition = (item: JsonObject) => boolean;

/** A string, a number, a sign, or a path of words. */
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|-?\d+(?:\.\d+)?|<=|>=|<>|!=|[=<>()]|[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*/g;

/** Returns a member of an item by a path such as `attestation.type`; names are case-insensitive. */
function memberOf(item: JsonObject, path: string): unknown {
  let value: unknown = item;
  for (const name of path.split(".")) {
    if (!isObject(value)) return undefined;
    const key = Object.keys(value).find((each) => each.toLowerCase() === name.toLowerCase());
    value = key === undefined ? undefined : value[key];
  }
  return value;
}

const COMPARISONS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<>": (a, b) => a !== b,
  "<": (a, b) => typeof a === typeof b && (a as string) < (b as string),
  "<=": (a, b) => typeof a === typeof b && (a as string) <= (b as string),
  ">": (a, b) => typeof a === typeof b && (a as string) > (b as string),
  ">=": (a, b) => typeof a === typeof b && (a as string) >= (b as string),
};
const CONSTANTS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

class Unreadable extends Error {}

/** How deep parentheses and NOT may nest: the parser calls itself for each. */
const DEPTH_LIMIT = 64;

function literalOf(token: string): unknown {
  if (/^['"]/.test(token)) return token.slice(1, -1).replace(/''/g, "'");
  if (/\d$/.test(token) && !/^[A-Za-z_$]/.test(token)) return Number(token);
  const constant = token.toLowerCase();
  if (Object.hasOwn(CONSTANTS, constant)) return CONSTANTS[constant];
  throw new Unreadable();
}

function parse(tokens: readonly string[]): Condition {
  let at = 0;
  let depth = 0;
  const take = (pattern: RegExp): string | undefined => {
    const token = tokens[at];
    if (token === undefined || !pattern.test(token)) return undefined;
    at += 1;
    return token;
  };
  const either = (): Condition => {
    const all = [both()];
    while (take(/^or$/i)) all.push(both());
    return (item) => all.some((each) => each(item));
  };
  const both = (): Condition => {
    const all = [single()];
    while (take(/^and$/i)) all.push(single());
    return (item) => all.every((each) => each(item));
  };
  const nested = (read: () => Condition): Condition => {
    depth += 1;
    if (depth > DEPTH_LIMIT) throw new Unreadable();
    const condition = read();
    depth -= 1;
    return condition;
  };
  const single = (): Condition => {
    if (take(/^not$/i)) {
      const inner = nested(single);
      return (item) => !inner(item);
    }
    if (take(/^\($/)) {
      const inner = nested(either);
      if (take(/^\)$/)) return inner;
      throw new Unreadable();
    }
    const path = take(/^[A-Za-z_$]/);
    const compare = COMPARISONS[take(/^[=<>!]/) ?? ""];
    if (path === undefined || !compare) throw new Unreadable();
    const value = literalOf(take(/./) ?? "");
    return (item) => compare(memberOf(item, path) ?? null, value);
  };
  const condition = either();
  if (at === tokens.length) return condition;
  throw new Unreadable();
}

/**
 * Parses a WHERE condition: comparisons of members with strings, numbers, true, false and null, joined by AND, OR, NOT and
 * parentheses. Undefined for anything else, which Azure may support.
 */
export function readCondition(text: string): Condition | undefined {
  if (text.replace(TOKEN, "").trim() !== "") return undefined;
  try {
    return parse(text.match(TOKEN) ?? []);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
