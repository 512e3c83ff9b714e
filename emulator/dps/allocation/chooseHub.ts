import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { ProvisioningServiceRecord } from "../../kernel/directory";
import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import type { Registration } from "../registrations/registrationStore";
import { allocate, candidatesOf, policyOf } from "./allocationPolicies";

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
 * Returns whether DPS has access to a hub's registry: it needs a link with a current key (Azure
 * documentation, "How to link and manage IoT hubs – Linked IoT hub settings; Update keys for linked IoT hubs").
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
  if (known?.hub !== undefined && !settings.reprovisionPolicy.updateHubAssignment)
    return hubChoice(known.hub, service, deps);
  const policy = policyOf(service, settings);
  if (policy === "custom") return "custom";
  const candidates = candidatesOf(service, settings);
  const hub = allocate(registrationId, policy, candidates, (host) => deps.latencies.of(host));
  if (hub) return hubChoice(hub.hostName, service, deps);
  // Azure documents no code for this outside of custom allocation: the generic one is used.
  return { errorCode: 400004, errorMessage: "There is no linked IoT hub that the allocation policy may choose." };
}
