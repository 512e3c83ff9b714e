import type { JsonObject } from "../../../azure/wire/jsonObject";
import { pageOf, positionOf } from "../../kernel/continuation";
import { ok, type Request, type Response } from "../../kernel/operation";
import type { VaultRequestContext } from "../vaultAuthorization";
import { badParameter } from "../vaultErrors";

/** Items of a page: Azure's default and maximum. */
const LARGEST = 25;

/** The page that a request asks for. */
export interface PageRequest {
  /** 1 to 25. */
  readonly size: number;
  /** End of the previous page; empty for the first page. */
  readonly after: string;
}

/** Part of a list: up to `top` items after a position. */
export interface Page {
  readonly after: string;
  readonly top: number;
}

/** Reads `maxresults` and `$skiptoken`; throws 400. */
export function pageRequest(request: Request): PageRequest {
  const maxResults = request.query.get("maxresults");
  const size = maxResults === undefined ? LARGEST : /^\d{1,9}$/.test(maxResults) ? Number(maxResults) : 0;
  if (size < 1 || size > LARGEST) {
    throw badParameter(`The parameter maxresults must be a whole number from 1 to ${LARGEST}, not '${maxResults}'.`);
  }
  const after = positionOf(request.query.get("$skiptoken"));
  if (after === undefined) throw badParameter("The parameter $skiptoken is not one that a list has returned.");
  return { size, after };
}

/**
 * Returns the page of a list that a request asks for; with a next link on the vault's host if there are further items.
 * `list` returns up to `top` items after a position, and `mark` the position after an item. Throws 400.
 */
export function pageResponse<T>(
  request: Request,
  { vault }: Pick<VaultRequestContext, "vault">,
  list: (page: Page) => readonly T[],
  item: (each: T) => JsonObject,
  mark: (each: T) => string,
): Response {
  const { size, after } = pageRequest(request);
  const found = list({ after, top: size + 1 });
  const { items, continuation } = pageOf(found, size, mark);
  const value = items.map(item);
  if (continuation === undefined) return ok({ value, nextLink: null });
  const query = new URLSearchParams({ "api-version": request.query.get("api-version") ?? "" });
  const rest = [...request.query].filter(([name]) => !["api-version", "$skiptoken", "maxresults"].includes(name));
  for (const [name, text] of rest) query.set(name, text);
  const nextLink = `https://${vault.hostName}${request.path.replace(/\/$/, "")}?${query}&$skiptoken=${continuation}&maxresults=${size}`;
  return ok({ value, nextLink });
}
