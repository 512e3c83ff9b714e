import { isUtf8 } from "node:buffer";
import type { Response } from "./operation";

/** Begins the position in every token, so that a text that is no token is told from one. */
const MARK = "at:";

/** Returns the continuation token of a position. */
export const tokenOf = (position: string): string => Buffer.from(`${MARK}${position}`).toString("base64url");

/**
 * Returns the position in a continuation token: the last ID of the previous page. Empty for the first page; undefined for a
 * text that no page has returned.
 */
export function positionOf(token: unknown): string | undefined {
  if (token === undefined || token === "") return "";
  const bytes = Buffer.from(String(token), "base64url");
  const text = bytes.toString();
  const position = text.slice(MARK.length);
  return isUtf8(bytes) && text.startsWith(MARK) && tokenOf(position) === token ? position : undefined;
}

/**
 * Returns a page of `size` items, and its continuation if `found` has one item more than fits. `position` returns the
 * position after an item.
 */
export function pageOf<T>(
  found: readonly T[],
  size: number,
  position: (last: T) => string,
): { readonly items: readonly T[]; readonly continuation: string | undefined } {
  const items = found.slice(0, size);
  const last = found.length > size ? items.at(-1) : undefined;
  return { items, continuation: last && tokenOf(position(last)) };
}

/** Returns a page as the service APIs of DPS and IoT Hub write it. `itemType`: one that the SDKs know. */
export const queryResponse = (
  itemType: string,
  size: number,
  continuation: string | undefined,
  body: readonly unknown[],
): Response => ({
  status: 200,
  headers: {
    "x-ms-item-type": itemType,
    "x-ms-max-item-count": String(size),
    ...(continuation === undefined ? {} : { "x-ms-continuation": continuation }),
  },
  body,
});
