import { createHash } from "node:crypto";
import type { AllocationPolicy } from "../../../azure/wire/enrollment";
import type { LinkedHub, ProvisioningServiceRecord } from "../../kernel/directory";
import type { EnrollmentSettings } from "../enrollment";

/** A hub to choose from. */
export type Candidate = Pick<LinkedHub, "hostName" | "allocationWeight">;

/** A number in (0, 1) from the device and the hub, evenly spread. */
function fraction(registrationId: string, hostName: string): number {
  const digest = createHash("sha256").update(`${registrationId.toLowerCase()}\n${hostName}`).digest();
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * Weighted rendezvous hashing: each device goes to a hub with probability by weight, always to the same one, and moves
 * only when its own hub goes or a new one wins. Azure's own hash is not documented. Undefined without candidates.
 */
export function rendezvous<T extends Candidate>(registrationId: string, candidates: readonly T[]): T | undefined {
  let best: { readonly candidate: T; readonly score: number } | undefined;
  for (const candidate of candidates) {
    const score = -candidate.allocationWeight / Math.log(fraction(registrationId, candidate.hostName));
    if (!best || score > best.score) best = { candidate, score };
  }
  return best?.candidate;
}

/** What became of an allocation. */
export type Allocation =
  | { readonly hub: LinkedHub }
  | { readonly hub?: never; readonly unsimulated: AllocationPolicy }
  | { readonly hub?: never; readonly unsimulated?: never };

/** The enrollment's own hubs, or all linked ones that allocation may choose. */
function candidatesOf(service: ProvisioningServiceRecord, settings: EnrollmentSettings): readonly LinkedHub[] {
  const named = [...(settings.iotHubs ?? []), ...(settings.iotHubHostName ? [settings.iotHubHostName] : [])];
  if (named.length === 0) return service.linkedHubs.filter(({ applyAllocationPolicy }) => applyAllocationPolicy);
  const wanted = new Set(named.map((host) => host.toLowerCase()));
  return service.linkedHubs.filter(({ hostName }) => wanted.has(hostName));
}

/** Chooses a hub by the enrollment's policy, or else the service's. */
export function allocate(
  registrationId: string,
  service: ProvisioningServiceRecord,
  settings: EnrollmentSettings,
): Allocation {
  const policy = settings.allocationPolicy ?? SERVICE_POLICIES[service.allocationPolicy];
  const candidates = candidatesOf(service, settings);
  if (policy !== "hashed" && policy !== "static") return { unsimulated: policy };
  const hub = policy === "static" ? candidates[0] : rendezvous(registrationId, candidates);
  return hub ? { hub } : {};
}

const SERVICE_POLICIES: Readonly<Record<ProvisioningServiceRecord["allocationPolicy"], AllocationPolicy>> = {
  Hashed: "hashed",
  GeoLatency: "geoLatency",
  Static: "static",
};
