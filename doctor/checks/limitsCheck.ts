import type { Arm, DeploymentPlan } from "../doctorContext";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";
import { listed, member, subscriptionCheck, textOf } from "./subscriptionCheck";

/** Azure documentation, "Azure subscription and service limits": IoT Hub, IoT Hub Device Provisioning Service. */
const MOST_HUBS = 50;
const MOST_SERVICES = 10;
const MOST_CERTIFICATES = 25;

const HUBS = "/providers/Microsoft.Devices/IotHubs";
const SERVICES = "/providers/Microsoft.Devices/provisioningServices";

const sameName = (name: string | undefined) => (resource: unknown) =>
  name !== undefined && textOf(resource, "name").toLowerCase() === name.toLowerCase();

function room(label: string, resources: readonly unknown[], most: number, isOwn: boolean): DoctorResult {
  const count = resources.length;
  const usage = `${count} of ${most} ${label} in this subscription`;
  if (count < most || isOwn)
    return count < most - 1 || isOwn ? ok(usage) : warn(usage, "this stack takes the last one");
  return fail(`${usage}: there is no room for another`, "remove one, or ask Azure's support for a higher limit");
}

async function certificates(arm: Arm, service: unknown): Promise<readonly DoctorResult[]> {
  const id = textOf(service, "id").replace(/^\/subscriptions\/[^/]+/i, "");
  const existing = await listed(arm, `${id}/certificates`, "2022-12-12");
  const usage = `${existing.length} of ${MOST_CERTIFICATES} CA certificates in ${textOf(service, "name")}`;
  if (existing.length < MOST_CERTIFICATES) return [ok(usage)];
  return [fail(`${usage}: there is no room for another`, "remove those that no enrollment refers to")];
}

function freeTier(hubs: readonly unknown[], plan: DeploymentPlan | undefined): readonly DoctorResult[] {
  if (plan?.hubSku !== "F1") return [];
  const free = hubs.filter((hub) => textOf(member(hub, "sku"), "name") === "F1");
  if (free.length === 0 || free.some(sameName(plan.hub))) return [ok("The free hub of this subscription is available")];
  const remedy = "pulumi config set hubSku S1, or remove the other one";
  return [fail(`${textOf(free[0], "name")} is the one free hub (F1) that a subscription may have`, remedy)];
}

/** Checks that the planned resources fit into the limits of the subscription. */
export const limits = subscriptionCheck("Limits", async (arm, plan) => {
  const [hubs, services] = await Promise.all([listed(arm, HUBS, "2023-06-30"), listed(arm, SERVICES, "2022-12-12")]);
  const service = services.find(sameName(plan?.provisioningService));
  return [
    room("IoT hubs", hubs, MOST_HUBS, hubs.some(sameName(plan?.hub))),
    ...freeTier(hubs, plan),
    room("provisioning services", services, MOST_SERVICES, service !== undefined),
    ...(service === undefined ? [] : await certificates(arm, service)),
  ];
});
