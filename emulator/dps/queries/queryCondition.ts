import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";

/** Returns whether an item, as on the wire, matches. */
export type Condition = (item: JsonObject) => boolean;

const TOKEN =
  /\s*(?:('(?:[^']|'')*'|"[^"]*")|(-?\d+(?:\.\d+)?)|(<=|>=|<>|!=|=|<|>|\(|\))|([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*))/y;

interface Token {
  readonly kind: "text" | "number" | "sign" | "word";
  readonly text: string;
}

function tokens(text: string): Token[] | undefined {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const [, quoted, number, sign, word] = match;
    if (quoted !== undefined) found.push({ kind: "text", text: quoted.slice(1, -1).replace(/''/g, "'") });
    else if (number !== undefined) found.push({ kind: "number", text: number });
    else if (sign !== undefined) found.push({ kind: "sign", text: sign });
    else found.push({ kind: "word", text: word ?? "" });
  }
  return found;
}

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

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(given: readonly Token[]) {
    this.#tokens = given;
  }

  whole(): Condition {
    const condition = this.#either();
    if (this.#at < this.#tokens.length) throw new Unreadable();
    return condition;
  }

  #take(kind: Token["kind"], text?: string): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || (text !== undefined && token.text.toLowerCase() !== text)) return undefined;
    this.#at += 1;
    return token;
  }

  #either(): Condition {
    const all = [this.#both()];
    while (this.#take("word", "or")) all.push(this.#both());
    return (item) => all.some((each) => each(item));
  }

  #both(): Condition {
    const all = [this.#single()];
    while (this.#take("word", "and")) all.push(this.#single());
    return (item) => all.every((each) => each(item));
  }

  #single(): Condition {
    if (this.#take("word", "not")) {
      const inner = this.#single();
      return (item) => !inner(item);
    }
    if (this.#take("sign", "(")) {
      const inner = this.#either();
      if (!this.#take("sign", ")")) throw new Unreadable();
      return inner;
    }
    const path = this.#take("word")?.text;
    const compare = COMPARISONS[this.#take("sign")?.text ?? ""];
    if (path === undefined || !compare) throw new Unreadable();
    const value = this.#value();
    return (item) => compare(memberOf(item, path) ?? null, value);
  }

  #value(): unknown {
    const text = this.#take("text");
    if (text) return text.text;
    const number = this.#take("number");
    if (number) return Number(number.text);
    const name = this.#take("word")?.text.toLowerCase() ?? "";
    if (!Object.hasOwn(CONSTANTS, name)) throw new Unreadable();
    return CONSTANTS[name];
  }
}

/**
 * Parses a WHERE condition: comparisons of members with strings, numbers, true, false and null, joined by AND, OR, NOT and
 * parentheses. Undefined for anything else, which Azure may support.
 */
export function readCondition(text: string): Condition | undefined {
  const read = tokens(text);
  try {
    return read && new Parser(read).whole();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
