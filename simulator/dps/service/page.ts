import type { Answer, Call } from "../../kernel/call";
import type { DpsFail } from "../errors";

const DEFAULT_SIZE = 100;
const LARGEST = 1000;

/** What a query asks for. */
export interface PageRequest {
  readonly size: number;
  /** The id that the last page ended with; empty at the first. */
  readonly after: string;
}

/** Reads `x-ms-max-item-count` (1 to 1,000, default 100) and `x-ms-continuation`. */
export function pageRequest(call: Call, fail: DpsFail): PageRequest {
  const count = call.headers["x-ms-max-item-count"];
  const token = call.headers["x-ms-continuation"];
  if (count !== undefined && !/^-?\d{1,9}$/.test(String(count))) {
    throw fail("argument", "x-ms-max-item-count is no number");
  }
  // Clients send 0 or -1 for "as many as you like".
  const asked = count === undefined ? 0 : Number(count);
  return {
    size: asked < 1 ? DEFAULT_SIZE : Math.min(LARGEST, asked),
    after: typeof token === "string" ? Buffer.from(token, "base64url").toString() : "",
  };
}

/** A page. `found` holds one item more than fits when there are further pages; only then there is a continuation. */
export function pageAnswer<T>(
  { size }: PageRequest,
  itemType: string,
  found: readonly T[],
  wire: (item: T) => { readonly id: string; readonly body: unknown },
): Answer {
  const page = found.slice(0, size).map(wire);
  const last = found.length > size ? page.at(-1) : undefined;
  return {
    status: 200,
    headers: {
      "x-ms-item-type": itemType,
      "x-ms-max-item-count": String(size),
      ...(last ? { "x-ms-continuation": Buffer.from(last.id).toString("base64url") } : {}),
    },
    body: page.map(({ body }) => body),
  };
}

/**
 * Refuses a query that is more than SELECT *. The azure-iot extension of az wraps its text once more in what is no JSON
 * (`{'additional_properties': {}, 'query': 'SELECT *'}`); that means all, too.
 */
export function requireSelectAll(call: Call, tables: readonly string[], fail: DpsFail): void {
  const text = (call.body as { query?: unknown } | undefined)?.query ?? "";
  if (typeof text !== "string") throw fail("argument", "query is no text");
  if (text.trim() === "" || /^\s*\{.*'query':\s*'SELECT \*'\s*\}\s*$/i.test(text)) return;
  const table = /^\s*select\s+\*(?:\s+from\s+(\w+))?\s*;?\s*$/i.exec(text);
  const known = table?.[1] === undefined || tables.some((name) => name.toLowerCase() === table[1]?.toLowerCase());
  if (!table || !known) throw fail("notSimulated", `the local Azure knows only SELECT *, not ${text}`);
}
