import { createHash } from "node:crypto";
import type { AllocationPolicy } from "../../../azure/wire/dpsEnrollment";
import type { LinkedHub, ProvisioningServiceRecord } from "../../kernel/directory";
import type { EnrollmentSettings } from "../enrollments/enrollmentRecord";

/** A candidate hub. */
export type Candidate = Pick<LinkedHub, "hostName" | "allocationWeight">;

/** Returns a number in (0, 1) by device and hub, uniformly distributed. */
function fraction(registrationId: string, hostName: string): number {
  const digest = createHash("sha256").update(`${registrationId.toLowerCase()}\n${hostName}`).digest();
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * Weighted rendezvous hashing: assigns each device to a hub with probability by weight, always the same one; it moves
 * only when its hub is removed or a new one wins. Azure's hash is not documented. Undefined without candidates.
 */
export function rendezvous<T extends Candidate>(registrationId: string, candidates: readonly T[]): T | undefined {
  let best: { readonly candidate: T; readonly score: number } | undefined;
  for (const candidate of candidates) {
    const score = -candidate.allocationWeight / Math.log(fraction(registrationId, candidate.hostName));
    if (!best || score > best.score) best = { candidate, score };
  }
  return best?.candidate;
}

/**
 * Returns the nearest hub; equally near ones share the devices by {@link rendezvous}, as Azure hashes among them
 * (Azure documentation, "How to use allocation policies"). `latency` returns milliseconds.
 */
export function nearest<T extends Candidate>(
  registrationId: string,
  candidates: readonly T[],
  latency: (hostName: string) => number,
): T | undefined {
  const measured = candidates.map((candidate) => ({ candidate, ms: latency(candidate.hostName) }));
  const least = Math.min(...measured.map(({ ms }) => ms));
  return rendezvous(
    registrationId,
    measured.filter(({ ms }) => ms === least).map(({ candidate }) => candidate),
  );
}

/** Returns the enrollment's hubs, or all linked ones that apply the allocation policy. */
export function candidatesOf(service: ProvisioningServiceRecord, settings: EnrollmentSettings): readonly LinkedHub[] {
  const named = [...(settings.iotHubs ?? []), ...(settings.iotHubHostName ? [settings.iotHubHostName] : [])];
  if (named.length === 0) return service.linkedHubs.filter(({ applyAllocationPolicy }) => applyAllocationPolicy);
  const matchingItems = new Set(named.map((host) => host.toLowerCase()));
  return service.linkedHubs.filter(({ hostName }) => matchingItems.has(hostName));
}

const SERVICE_POLICIES: Readonly<Record<ProvisioningServiceRecord["allocationPolicy"], AllocationPolicy>> = {
  Hashed: "hashed",
  GeoLatency: "geoLatency",
  Static: "static",
};

/** Returns the enrollment's policy, by default the service's. */
export const policyOf = (service: ProvisioningServiceRecord, settings: EnrollmentSettings): AllocationPolicy =>
  settings.allocationPolicy ?? SERVICE_POLICIES[service.allocationPolicy];

/** Chooses a hub by one of the policies that DPS itself decides; undefined without candidates. */
export function allocate(
  registrationId: string,
  policy: Exclude<AllocationPolicy, "custom">,
  candidates: readonly LinkedHub[],
  latency: (hostName: string) => number,
): LinkedHub | undefined {
  if (policy === "static") return candidates[0];
  if (policy === "geoLatency") return nearest(registrationId, candidates, latency);
  return rendezvous(registrationId, candidates);
}
