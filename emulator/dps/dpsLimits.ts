import type { Switches } from "../kernel/services";
import type { DpsFail } from "./dpsErrors";

/** How much one provisioning service holds, and one request carries. */
export interface DpsLimits {
  readonly individualEnrollments: number;
  /** Groups by each kind of attestation. */
  readonly groups: number;
  /** Records that outlive their enrollments count as well. */
  readonly registrations: number;
  /** Octets of a device's request: Azure calls it a message. */
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
 * Refuses what would be one more than a service holds; limits are the companions of Azure's throttles, so the same switch
 * turns them on. `count` is asked for only then. Throws 403001.
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
