import type { Switches } from "../kernel/sharedDependencies";
import type { Throttle } from "../kernel/throttle";
import type { DpsFail } from "./dpsErrors";

/** Counts a request if throttling is on. Throws 429001 with Retry-After, in seconds. */
export function checkThrottle(
  throttle: Throttle,
  key: string,
  deps: { readonly switches: Switches; readonly fail: DpsFail },
): void {
  const wait = deps.switches.throttling ? throttle.take(key) : 0;
  if (wait > 0) throw deps.fail("throttled", "Too many requests.", { headers: { "retry-after": String(wait) } });
}
