/** An ETag without the quotation marks and the `W/` that clients put around it. */
const bare = (etag: string): string =>
  etag
    .trim()
    .replace(/^W\//, "")
    .replace(/^"+|"+$/g, "");

/**
 * Whether an If-Match header lets a change of a thing with this ETag through: `*` (with or without quotation marks), or
 * the tag itself, in a list or alone (RFC 9110, 13.1.1; clients differ in how many quotation marks they send).
 */
export function etagMatches(ifMatch: string, current: string): boolean {
  return ifMatch.split(",").some((each) => bare(each) === "*" || bare(each) === bare(current));
}
