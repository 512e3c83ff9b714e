import { ARM_HOST } from "../../azure/hosts";
import type { JsonObject } from "../../azure/wire/jsonObject";
import { pageOf, positionOf } from "../kernel/continuation";
import type { Request, Response } from "../kernel/operation";
import { frontError } from "./armErrors";

/** Most items of a page. */
const LARGEST = 1000;

/**
 * Returns the page of a list that `$top` and `$skiptoken` request, with a next link if there are further items; for the
 * lists that have `$top` in their specifications. Throws 400 for a `$top` that is no whole number from 1, and for a
 * `$skiptoken` that no list has returned.
 */
export function listResponse(request: Request, items: readonly JsonObject[]): Response {
  const refuse = (name: string): never => {
    const message = `The value of the query parameter '${name}' is invalid.`;
    throw frontError(400, "InvalidQueryParameterValue", message);
  };
  const top = request.query.get("$top");
  if (top !== undefined && (!/^\d{1,9}$/.test(top) || Number(top) < 1)) refuse("$top");
  const size = Math.min(LARGEST, Number(top ?? LARGEST));
  const token = positionOf(request.query.get("$skiptoken"));
  if (token === undefined || !/^\d*$/.test(token)) return refuse("$skiptoken");
  const start = Number(token);
  const { items: value, continuation } = pageOf(items.slice(start), size, () => String(start + size));
  if (continuation === undefined) return { status: 200, body: { value } };
  const query = new URLSearchParams([...request.query].filter(([name]) => name !== "$skiptoken"));
  query.set("$skiptoken", continuation);
  const nextLink = `https://${request.headers.host ?? ARM_HOST}${request.path}?${query}`;
  return { status: 200, body: { value, nextLink } };
}
