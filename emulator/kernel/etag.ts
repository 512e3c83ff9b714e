import { secondsOf } from "./clock";
import type { Ids } from "./ids";

/** Returns a new ETag in the form of DPS: base64 of a quoted GUID. */
export const newEtag = (ids: Ids, at: Date): string =>
  Buffer.from(`"${ids.hex(4)}-0000-0300-0000-${secondsOf(at).toString(16)}0000"`).toString("base64");

/** An ETag without quotation marks, and without `W/` before them (RFC 9110, 8.8.3): a bare tag may begin so itself. */
const bare = (etag: string): string =>
  etag
    .trim()
    .replace(/^W\/(?=")/, "")
    .replace(/^"+|(?<!")"+$/g, "");

/**
 * Whether an If-Match header matches an ETag: `*` (with or without quotation marks), or the tag itself, in a list or
 * alone (RFC 9110, 13.1.1; clients differ in their quotation marks).
 */
export function etagMatches(ifMatch: string, current: string): boolean {
  const wanted = ["*", bare(current)];
  return ifMatch.split(",").some((each) => wanted.includes(bare(each)));
}
