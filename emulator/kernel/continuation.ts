import type { Response } from "./operation";

/** Returns the position in a continuation token: the last ID of the previous page. Empty for the first page. */
export const positionOf = (token: unknown): string =>
  typeof token === "string" ? Buffer.from(token, "base64url").toString() : "";

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
  return { items, continuation: last && Buffer.from(position(last)).toString("base64url") };
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
