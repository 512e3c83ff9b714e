import { createHash } from "node:crypto";
import type { AllocationPolicy, InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { LinkedHub, ProvisioningServiceRecord } from "../../kernel/directory";
import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import type { EnrollmentSettings } from "../enrollments/enrollmentRecord";
import type { Registration } from "../registrations/registrationStore";

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
const policyOf = (service: ProvisioningServiceRecord, settings: EnrollmentSettings): AllocationPolicy =>
  settings.allocationPolicy ?? SERVICE_POLICIES[service.allocationPolicy];

/** The hub for a device, or an error. */
export type Choice =
  | {
      /** Host name. */
      readonly hub: string;
      readonly hubKey: string;
      /** From a custom allocation webhook: overrides the enrollment's. */
      readonly initialTwin?: InitialTwin;
      /** From a custom allocation webhook, for the device: any JSON. */
      readonly payload?: unknown;
    }
  | { readonly hub?: never; readonly errorCode: number; readonly errorMessage: string };

/**
 * Returns whether DPS has access to a hub's registry: it needs a link with a current key, or by an identity
 * with its role (Azure documentation, "How to link and manage IoT hubs").
 */
export const isReachable = ({ linkedHubs }: ProvisioningServiceRecord, hub: string): boolean =>
  linkedHubs.find(({ hostName }) => hostName === hub)?.isOpen ?? false;

/** Returns the choice of a hub by host name: an error if the hub does not exist or DPS has no access. */
export function hubChoice(
  hub: string,
  service: ProvisioningServiceRecord,
  deps: Pick<DpsDependencies, "directory">,
  more: { readonly initialTwin?: InitialTwin; readonly payload?: unknown } = {},
): Choice {
  const record = deps.directory.hub(hub);
  if (record && isReachable(service, hub)) return { hub, hubKey: record.key, ...more };
  return { errorCode: 401002, errorMessage: "IotHubUnauthorizedAccess" };
}

/** Chooses a hub by the enrollment's policies; returns `"custom"` if a webhook has to choose. */
export function chooseHub(
  { service, registrationId, enrollment }: Attested,
  known: Registration | undefined,
  deps: DpsDependencies,
): Choice | "custom" {
  const { settings } = enrollment;
  if (known?.hub !== undefined && settings.reprovisionPolicy?.updateHubAssignment === false)
    return hubChoice(known.hub, service, deps);
  const policy = policyOf(service, settings);
  if (policy === "custom") return "custom";
  const candidates = candidatesOf(service, settings);
  const hub =
    policy === "static"
      ? candidates[0]
      : policy === "geoLatency"
        ? nearest(registrationId, candidates, (host) => deps.latencies.of(host))
        : rendezvous(registrationId, candidates);
  if (hub) return hubChoice(hub.hostName, service, deps);
  // Azure documents no code for this outside of custom allocation: the generic one is used.
  return { errorCode: 400004, errorMessage: "There is no linked IoT hub that the allocation policy may choose." };
}
