import type { JsonObject } from "../../../azure/wire/jsonObject";
import { pageOf, positionOf } from "../../kernel/continuation";
import type { Request, Response } from "../../kernel/operation";
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

/** Reads `maxresults` and `$skiptoken`; throws 400. */
export function pageRequest(request: Request): PageRequest {
  const maxResults = request.query.get("maxresults");
  if (maxResults !== undefined && !(/^\d{1,9}$/.test(maxResults) && Number(maxResults) >= 1)) {
    throw badParameter(`The parameter maxresults must be a whole number from 1 to ${LARGEST}, not '${maxResults}'.`);
  }
  return {
    size: Math.min(LARGEST, Number(maxResults ?? LARGEST)),
    after: positionOf(request.query.get("$skiptoken")),
  };
}

/**
 * Returns a page. `found` has one item more than fits if there are further ones, and then the response has a next link on
 * the vault's host. `mark` returns the position after an item.
 */
export function pageResponse<T>(
  request: Request,
  { vault }: Pick<VaultRequestContext, "vault">,
  { size }: PageRequest,
  found: readonly T[],
  item: (each: T) => JsonObject,
  mark: (each: T) => string,
): Response {
  const { items, continuation } = pageOf(found, size, mark);
  const value = items.map(item);
  if (continuation === undefined) return { status: 200, body: { value, nextLink: null } };
  const query = new URLSearchParams({ "api-version": request.query.get("api-version") ?? "" });
  const rest = [...request.query].filter(([name]) => !["api-version", "$skiptoken", "maxresults"].includes(name));
  for (const [name, text] of rest) query.set(name, text);
  const nextLink = `https://${vault.hostName}${request.path.replace(/\/$/, "")}?${query}&$skiptoken=${continuation}&maxresults=${size}`;
  return { status: 200, body: { value, nextLink } };
}
