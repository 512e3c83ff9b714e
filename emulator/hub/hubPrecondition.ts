import { etagMatches } from "../kernel/etag";
import type { HubFail } from "./hubErrors";

/** Throws 412001 where an If-Match fits neither `*` nor the ETag of what it is for: a device, or its twin. */
export function refuseStale(ifMatch: string, etag: string, what: "Device" | "Device twin", fail: HubFail): void {
  if (etagMatches(ifMatch, etag)) return;
  const reason = `If-Match is ${ifMatch}`;
  throw fail("PreconditionFailed", `Precondition failed: ${what} version did not match`, { reason });
}
