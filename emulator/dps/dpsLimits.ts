import type { Switches } from "../kernel/sharedDependencies";
import type { DpsFail } from "./dpsErrors";

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
export function checkQuota(
  limit: number,
  what: string,
  count: () => number,
  { switches, fail }: { readonly switches: Switches; readonly fail: DpsFail },
): void {
  if (!switches.throttling || count() < limit) return;
  throw fail("quotaExceeded", `A provisioning service holds at most ${limit} ${what}.`);
}
