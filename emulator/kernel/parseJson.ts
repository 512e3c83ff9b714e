import { isUtf8 } from "node:buffer";

/**
 * How deep JSON of clients may nest. Azure's own readers stop at 64 levels (System.Text.Json and Newtonsoft.Json, their
 * defaults); a device twin has at most 10.
 */
export const DEPTH_LIMIT = 64;

/** The most commas outside of strings: reading as many members or items as fit into 4 MB takes seconds. */
export const COMMA_LIMIT = 100_000;

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\,[]{}');

/** Returns why a text is refused before it is parsed; undefined if it is not. Reads every byte once. */
function textError(text: Buffer): string | undefined {
  if (!isUtf8(text)) return "is not UTF-8";
  let depth = 0;
  let commas = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > DEPTH_LIMIT) return `nests deeper than ${DEPTH_LIMIT} levels`;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    else if (byte === COMMA) {
      commas += 1;
      if (commas > COMMA_LIMIT) return `has more than ${COMMA_LIMIT} values`;
    }
  }
  return undefined;
}

/** A text that may hold a number beyond IEEE 754's doubles. */
const LARGE_NUMBER = /\d[eE]\+?\d{3}|\d{309}/;

/** A text that may escape half a surrogate pair, and what such a half is once it is parsed. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const HALF_PAIR = /\p{Surrogate}/u;

/** Refuses numbers that would become Infinity, and null in every response, and text that no UTF-8 can hold. */
function exact(name: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new SyntaxError("the JSON has a number beyond 1.8e308");
  if (HALF_PAIR.test(name) || (typeof value === "string" && HALF_PAIR.test(value)))
    throw new SyntaxError("the JSON has half a surrogate pair");
  return value;
}

/**
 * Parses JSON of a client. Throws SyntaxError, also for bytes that are not UTF-8, which Azure's web servers refuse (ASP.NET's
 * JSON formatter reads with `throwOnInvalidBytes`), and for JSON beyond {@link DEPTH_LIMIT}, where functions that call
 * themselves for every level would exhaust the stack, or {@link COMMA_LIMIT}.
 */
export function parseJson(text: Buffer): unknown {
  const error = textError(text);
  if (error !== undefined) throw new SyntaxError(`the JSON ${error}`);
  const json = text.toString("utf8");
  return LARGE_NUMBER.test(json) || SURROGATE_ESCAPE.test(json) ? JSON.parse(json, exact) : JSON.parse(json);
}
