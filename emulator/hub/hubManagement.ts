import type { ArmDependencies } from "../arm/armDependencies";
import { armOperations } from "../arm/armOperations";
import { existingResource, SUBSCRIPTION_PATH } from "../arm/armRequest";
import { deviceServicePath } from "../arm/microsoftDevices/deviceServiceKind";
import { HUB, HUB_TYPE } from "../arm/microsoftDevices/iotHub";
import type { Resource } from "../arm/microsoftResources/resourceStore";
import type { Operation, Request, Response } from "../kernel/operation";
import type { IdentityStore } from "./devices/identityStore";
import type { EventStore } from "./events/eventStore";

/** Messages a day of one unit (Azure documentation, "IoT Hub quotas and throttling"). */
const MESSAGES: Readonly<Record<string, number>> = Object.freeze({
  F1: 8_000,
  B1: 400_000,
  S1: 400_000,
  B2: 6_000_000,
  S2: 6_000_000,
  B3: 300_000_000,
  S3: 300_000_000,
});
/** Devices of a free hub, and of every other one. */
const DEVICES = Object.freeze({ free: 500, paid: 1_000_000 });

/** What ARM's operations on a hub's contents depend on. */
export interface HubManagementDependencies {
  readonly arm: ArmDependencies;
  readonly identities: Pick<IdentityStore, "count">;
  readonly events: Pick<EventStore, "countSince">;
}

function statistics(hub: Resource, { identities }: HubManagementDependencies): object {
  const { total, disabled } = identities.count(hub.key);
  return { totalDeviceCount: total, enabledDeviceCount: total - disabled, disabledDeviceCount: disabled };
}

function quotaMetrics(hub: Resource, { arm, identities, events }: HubManagementDependencies): object {
  const name = String(hub.sku.name);
  const today = new Date(arm.clock.now()).setUTCHours(0, 0, 0, 0);
  const value = [
    {
      name: "TotalMessages",
      currentValue: events.countSince(hub.key, today),
      maxValue: (MESSAGES[name] ?? 0) * Number(hub.sku.capacity),
    },
    {
      name: "TotalDeviceCount",
      currentValue: identities.count(hub.key).total,
      maxValue: name === "F1" ? DEVICES.free : DEVICES.paid,
    },
  ];
  return { value };
}

/** The hubs of the subscription and their limits (recorded: azure-sdk-for-net, IotHubMiscTests). */
function usages({ resources }: ArmDependencies): object {
  const hubs = resources.list({ type: HUB_TYPE });
  const free = hubs.filter(({ sku }) => sku.name === "F1").length;
  const usage = (value: string, localizedValue: string, currentValue: number, limit: number) => ({
    ...{ id: null, type: null, unit: "count" },
    currentValue,
    limit,
    name: { value, localizedValue },
  });
  return {
    value: [
      usage("freeIotHubCount", "Free Iot Hub Count", free, 1),
      usage("paidIotHubCount", "Paid Iot Hub Count", hubs.length - free, HUB.limit),
    ],
  };
}

/** ARM's operations on what a hub's data plane counts (Azure REST API "IoT Hub Resource", "Resource Provider Common"). */
export function hubManagement(deps: HubManagementDependencies): Operation[] {
  const path = deviceServicePath(HUB);
  const of = (read: (hub: Resource, deps: HubManagementDependencies) => object) => {
    return (request: Request): Response => ({
      status: 200,
      body: read(existingResource(request, HUB_TYPE, deps.arm), deps),
    });
  };
  return armOperations(deps.arm, [
    ["IotHubResource_GetStats", "GET", `${path}/IotHubStats`, of(statistics)],
    ["IotHubResource_GetQuotaMetrics", "GET", `${path}/quotaMetrics`, of(quotaMetrics)],
    [
      "ResourceProviderCommon_GetSubscriptionQuota",
      "GET",
      `${SUBSCRIPTION_PATH}/providers/Microsoft.Devices/usages`,
      () => ({ status: 200, body: usages(deps.arm) }),
    ],
  ]);
}
