import { QuerySyntaxError } from "./querySyntaxError";

/** `word`: a keyword or a name; `name`: a name in double brackets, `[[a-b]]`, which is no keyword. */
export interface Token {
  readonly kind: "word" | "name" | "number" | "string" | "symbol" | "end";
  readonly text: string;
  /** Of a number. */
  readonly value?: number;
  readonly position: number;
}

const BLANK = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<>|!=|<=|>=|[=<>+\-*/%(),.;[\]]/y;
const NAME = /\[\[([^[\]]+)\]\]/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads a string in quotation marks; returns it and the position behind it. */
function stringAt(text: string, start: number): readonly [string, number] {
  const mark = text[start];
  const parts: string[] = [];
  for (let at = start + 1; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (letter === mark) return [parts.join(""), at + 1];
    if (letter !== "\\") {
      parts.push(letter);
      continue;
    }
    at += 1;
    const escaped = text[at] ?? "";
    const unicode = /^[0-9a-fA-F]{4}$/.exec(text.slice(at + 1, at + 5))?.[0];
    if (escaped === "u" && unicode) {
      parts.push(String.fromCharCode(Number.parseInt(unicode, 16)));
      at += 4;
    } else if (ESCAPES[escaped] !== undefined) parts.push(ESCAPES[escaped] ?? "");
    else throw new QuerySyntaxError("an escape is invalid", at - 1);
  }
  throw new QuerySyntaxError("a string does not end", start);
}

/** A token, and the position behind it. */
export type TokenAndEnd = readonly [Token, number];

/** Reads the token behind the blanks at a position. Throws QuerySyntaxError. */
export function readToken(text: string, at: number): TokenAndEnd {
  const position = at + (matchAt(BLANK, text, at)?.[0].length ?? 0);
  const letter = text[position];
  if (letter === undefined) return [{ kind: "end", text: "", position }, position];
  if (letter === "'" || letter === '"') {
    const [value, end] = stringAt(text, position);
    return [{ kind: "string", text: value, position }, end];
  }
  const name = matchAt(NAME, text, position);
  if (name) return [{ kind: "name", text: name[1] ?? "", position }, position + name[0].length];
  const number = matchAt(NUMBER, text, position)?.[0];
  if (number !== undefined) {
    const value = Number(number);
    if (!Number.isFinite(value)) throw new QuerySyntaxError("a number is beyond 1.8e308", position);
    return [{ kind: "number", text: number, value, position }, position + number.length];
  }
  const word = matchAt(WORD, text, position)?.[0];
  if (word !== undefined) return [{ kind: "word", text: word, position }, position + word.length];
  const symbol = matchAt(SYMBOL, text, position)?.[0];
  if (symbol !== undefined) return [{ kind: "symbol", text: symbol, position }, position + symbol.length];
  throw new QuerySyntaxError(`${JSON.stringify(letter)} is unexpected`, position);
}
