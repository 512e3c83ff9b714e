import { setImmediate as otherWork } from "node:timers/promises";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { pageOf, positionOf, queryResponse } from "../../kernel/continuation";
import type { Request, Response } from "../../kernel/operation";
import { dpsError } from "../dpsErrors";
import { readBody } from "../requestJson";
import { type Condition, readCondition } from "./queryCondition";

const DEFAULT_SIZE = 100;
const LARGEST = 1000;

/** The page that a query requests. */
export interface PageRequest {
  readonly size: number;
  /** The last ID of the previous page; empty for the first page. */
  readonly after: string;
}

/** Reads `x-ms-max-item-count` (1 to 1,000, default 100) and `x-ms-continuation`. */
export function pageRequest(request: Request): PageRequest {
  const count = request.headers["x-ms-max-item-count"];
  if (count !== undefined && !/^-?\d{1,9}$/.test(String(count))) {
    throw dpsError("argument", "x-ms-max-item-count is no number");
  }
  // Clients send 0 or -1 for the default.
  const requestedCount = count === undefined ? 0 : Number(count);
  const after = positionOf(request.headers["x-ms-continuation"]);
  if (after === undefined) throw dpsError("argument", "x-ms-continuation is not one that a query has returned");
  return { size: requestedCount < 1 ? DEFAULT_SIZE : Math.min(LARGEST, requestedCount), after };
}

/** An item of a query's result, as on the wire. */
interface QueryItem {
  readonly id: string;
  readonly body: JsonObject;
}

/**
 * Returns a page. `found` has one item more than fits if there are further pages, and then the response has a continuation.
 * `itemType` is `Enrollment`, `EnrollmentGroup` or `DeviceRegistration`, as recorded.
 */
export function pageResponse({ size }: PageRequest, itemType: string, found: readonly QueryItem[]): Response {
  const { items, continuation } = pageOf(found, size, ({ id }) => id);
  const body = items.map((item) => item.body);
  return queryResponse(itemType, size, continuation, body);
}

/** The table and the condition of `SELECT * [FROM table] [WHERE condition][;]`; undefined for another text. Linear in its length. */
function clausesOf(text: string): { readonly table?: string; readonly where?: string } | undefined {
  const query = text.trim().replace(/;$/, "").trimEnd();
  const [head, table] = /^select\s+\*(?:\s+from\s+(\w+))?(?!\S)/i.exec(query) ?? [];
  if (head === undefined) return undefined;
  const rest = query.slice(head.length);
  if (rest === "") return { table };
  const [before] = /^\s+where\s+/i.exec(rest) ?? [];
  return before === undefined ? undefined : { table, where: rest.slice(before.length) };
}

/**
 * Reads a query: `SELECT * [FROM table] [WHERE condition]`. The azure-iot extension of az wraps the
 * query in a Python literal (`{'additional_properties': {}, 'query': 'SELECT *'}`), which is accepted too. Throws 400004 or
 * 501000.
 */
export function readQuery(request: Pick<Request, "body">, tables: readonly string[], schema = "dps.query"): Condition {
  const text = readBody<{ query?: string }>(request.body, schema).query ?? "";
  if (text.trim() === "" || /^\s*\{.*'query':\s*'SELECT \*'\s*\}\s*$/i.test(text)) return () => true;
  const clauses = clausesOf(text);
  const { table, where } = clauses ?? {};
  const isKnown = table === undefined || tables.some((name) => name.toLowerCase() === table.toLowerCase());
  const condition = where === undefined ? () => true : readCondition(where);
  if (!clauses || !isKnown || !condition) {
    throw dpsError(
      "notEmulated",
      `the local Azure supports only SELECT * with simple comparisons in WHERE, not ${text}`,
    );
  }
  return condition;
}

/**
 * Returns the matching items of a page, one more than fits if there are further ones. `list` returns up to `top` items after
 * an ID, in the order of IDs. Yields to other requests between batches: a scan of a million items takes half a minute.
 */
export async function matchingItems<T extends { readonly id: string }>(
  { size, after }: PageRequest,
  condition: Condition,
  list: (top: number, after: string) => readonly T[],
  wire: (item: T) => JsonObject,
): Promise<QueryItem[]> {
  const found: QueryItem[] = [];
  let last = after;
  for (;;) {
    const batch = list(size + 1, last);
    for (const item of batch) {
      const body = wire(item);
      if (condition(body)) found.push({ id: item.id, body });
      if (found.length > size) return found;
    }
    if (batch.length <= size) return found;
    last = batch.at(-1)?.id ?? last;
    await otherWork();
  }
}
