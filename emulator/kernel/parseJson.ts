/**
 * How deep JSON of clients may nest. Azure's own readers stop at 64 levels (System.Text.Json and Newtonsoft.Json, their
 * defaults); a device twin has at most 10.
 */
export const DEPTH_LIMIT = 64;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

/** Whether brackets outside of strings nest deeper than the limit. Reads every byte once. */
function isTooDeep(text: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > DEPTH_LIMIT) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

/** A text that may hold a number beyond IEEE 754's doubles. */
const LARGE_NUMBER = /\d[eE]\+?\d{3}|\d{309}/;

/** Refuses numbers that would become Infinity, and null in every response. */
function finite(_name: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new SyntaxError("the JSON has a number beyond 1.8e308");
  return value;
}

/**
 * Parses JSON of a client. Throws SyntaxError, also for JSON that nests deeper than {@link DEPTH_LIMIT}: functions that
 * call themselves for every level would exhaust the stack.
 */
export function parseJson(text: Buffer): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`the JSON nests deeper than ${DEPTH_LIMIT} levels`);
  const json = text.toString("utf8");
  return LARGE_NUMBER.test(json) ? JSON.parse(json, finite) : JSON.parse(json);
}
