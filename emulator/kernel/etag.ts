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
