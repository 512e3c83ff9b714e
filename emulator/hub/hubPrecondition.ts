import { etagMatches } from "../kernel/etag";
import type { HubFail } from "./hubErrors";

/** Throws 412001 if If-Match is neither `*` nor the ETag of the device or its twin. */
export function checkIfMatch(ifMatch: string, etag: string, what: "Device" | "Device twin", fail: HubFail): void {
  if (etagMatches(ifMatch, etag)) return;
  const reason = `If-Match is ${ifMatch}`;
  throw fail("PreconditionFailed", `Precondition failed: ${what} version did not match`, { reason });
}
