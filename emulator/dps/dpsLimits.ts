import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { Throttle } from "../kernel/throttle";
import { dpsError } from "./dpsErrors";

type WithSwitches = Pick<SharedDependencies, "switches">;

/** Limits of a provisioning service and of a request. */
export interface DpsLimits {
  readonly individualEnrollments: number;
  /** Groups per kind of attestation. */
  readonly groups: number;
  /** Records of deleted enrollments count too. */
  readonly registrations: number;
  /** Bytes of a device's request, which Azure calls a message. */
  readonly messageBytes: number;
}

/** Azure's own (Azure documentation, "Azure IoT Hub Device Provisioning Service – Quotas and limits"). */
export const DPS_LIMITS: DpsLimits = Object.freeze({
  individualEnrollments: 1_000_000,
  groups: 100,
  registrations: 1_000_000,
  messageBytes: 96 * 1024,
});

/**
 * Throws 403001 if a service is at its limit. The switch for throttles turns limits on too; `count` is only called then.
 */
export function checkQuota(limit: number, what: string, count: () => number, { switches }: WithSwitches): void {
  if (!switches.throttling || count() < limit) return;
  throw dpsError("quotaExceeded", `A provisioning service holds at most ${limit} ${what}.`);
}

/** Counts a request if throttling is on. Throws 429001 with Retry-After, in seconds. */
export function checkThrottle(throttle: Throttle, key: string, { switches }: WithSwitches): void {
  const wait = switches.throttling ? throttle.take(key) : 0;
  if (wait > 0) throw dpsError("throttled", "Too many requests.", { headers: { "retry-after": String(wait) } });
}
