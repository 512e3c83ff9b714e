/** Hubs, the provisioning service and the resource group: what is deleted with them, and what they cost. */
import type { Change } from "../change";
import { code, codes } from "../displayValue";
import {
  because,
  type ChangeReader,
  count,
  devicesOf,
  differenceOf,
  fromTo,
  loss,
  type ReviewFinding,
  textOf,
} from "../reviewFinding";

/** Messages a day and unit (Azure documentation "IoT Hub quotas and throttling", and the price page's table). */
const MESSAGES: Readonly<Record<string, number>> = Object.freeze({
  F1: 8_000,
  B1: 400_000,
  S1: 400_000,
  B2: 6_000_000,
  S2: 6_000_000,
  B3: 300_000_000,
  S3: 300_000_000,
});

interface Sku {
  readonly name: string;
  readonly capacity: number;
}

function skuOf(bag: Readonly<Record<string, unknown>>): Sku | undefined {
  const sku = bag.sku as { name?: unknown; capacity?: unknown } | undefined;
  return typeof sku?.name === "string" ? { name: sku.name, capacity: Number(sku.capacity ?? 1) } : undefined;
}

const words = ({ name, capacity }: Sku): string => `${count(capacity, "unit")} of ${name}`;

/** Groups thousands without a locale, so that reports are the same on every machine. */
const grouped = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

const quota = ({ name, capacity }: Sku): string =>
  MESSAGES[name] === undefined
    ? "an unknown number of messages"
    : `${grouped(MESSAGES[name] * capacity)} messages a day`;

/** Azure documentation "Choose the right IoT Hub tier": within a tier, and from basic to standard; not from or to free. */
function refusal(before: Sku, after: Sku): string {
  const [from, to] = [before.name.charAt(0), after.name.charAt(0)];
  if (from === to || (from === "B" && to === "S")) return "";
  return ` **Azure cannot change a hub from ${before.name} to ${after.name}**: create another hub.`;
}

function hubCost(change: Change): readonly ReviewFinding[] {
  const [before, after] = [skuOf(change.before), skuOf(change.after)];
  const hub = `IoT hub ${code(change.name)}`;
  const section = "cost" as const;
  if (change.action === "delete") {
    return before ? [{ section, text: `${hub} is no longer billed: ${words(before)}.` }] : [];
  }
  if (!after) return [];
  if (change.action === "create" || !before) {
    return [{ section, text: `${hub} is billed while it exists: ${words(after)}, ${quota(after)}.` }];
  }
  if (before.name === after.name && before.capacity === after.capacity) return [];
  const change_ = `${words(before)} → ${words(after)}`;
  const text = `${hub}: ${change_}, ${quota(before)} → ${quota(after)}. A hub is billed by tier and units.`;
  return [{ section, text: text + refusal(before, after) }];
}

/** Of an IoT hub. */
export const hub: ChangeReader = (change, context) => {
  const name = textOf(change.before, "resourceName") ?? change.name;
  const here = devicesOf(context).filter((device) => device.assignedHub.split(".")[0] === name);
  const known = here.length === 0 ? "" : ` Of this stack: ${codes(here.map(({ deviceId }) => deviceId))}.`;
  const lost = "all device identities, twins, keys and undelivered messages in it are lost";
  const deleted = `IoT hub ${code(name)} is **deleted**: ${lost}.${known}`;
  const replaced =
    `IoT hub ${code(name)} is **replaced**${because(change)}: ${lost}. The new hub has another host ` +
    `name; every device must register again with the provisioning service to get into it.${known}`;
  return [...loss(change, { deleted, replaced }), ...hubCost(change)];
};

function serviceCost(change: Change): readonly ReviewFinding[] {
  const [before, after] = [skuOf(change.before), skuOf(change.after)];
  const service = `Provisioning service ${code(change.name)}`;
  const section = "cost" as const;
  if (change.action === "delete") return [{ section, text: `${service} is no longer billed.` }];
  if (change.action === "create" && after) {
    return [{ section, text: `${service}: ${words(after)}; it is billed by operations (registrations and calls).` }];
  }
  if (!before || !after || (before.name === after.name && before.capacity === after.capacity)) return [];
  return [{ section, text: `${service}: ${words(before)} → ${words(after)}; it is billed by operations.` }];
}

/** Of a provisioning service. */
export const provisioningService: ChangeReader = (change, context) => {
  const name = code(textOf(change.before, "provisioningServiceName") ?? change.name);
  const scope = typeof context.outputs.idScope === "string" ? ` (now ${code(context.outputs.idScope)})` : "";
  const lost = "all its enrollments, CA certificates and registration records are lost";
  const deleted = `Provisioning service ${name} is **deleted**: ${lost}. Devices with its ID scope${scope} can no longer register.`;
  const replaced =
    `Provisioning service ${name} is **replaced**${because(change)}: ${lost}. The new one has **another ID scope**` +
    `${scope}: every device in the field must get it (re-flashed or reconfigured) before it can register again.`;
  return [...loss(change, { deleted, replaced }), ...serviceCost(change), ...linking(change)];
};

function linking(change: Change): readonly ReviewFinding[] {
  if (change.action !== "update") return [];
  const found: ReviewFinding[] = [];
  const policy = change.differences.find(({ path }) => path === "properties.allocationPolicy");
  const section = "devices" as const;
  if (policy) {
    const text = `The allocation policy changes, ${fromTo(policy)}: it assigns a hub when a device registers the next time.`;
    found.push({ section, text });
  }
  if (change.differences.some(({ path }) => path.startsWith("properties.iotHubs"))) {
    const text = `The linked hubs of ${code(change.name)} change: devices are distributed over the new list when they register the next time.`;
    found.push({ section, text });
  }
  return found;
}

/** Certificates and keys that the stack creates are in its state, not in the resource group. */
const isInAzure = ({ type }: Change): boolean => type !== "CertificateAuthority" && type !== "DeviceCertificate";

/** Of a resource group. */
export const resourceGroup: ChangeReader = (change, { changes }) => {
  const name = code(textOf(change.before, "resourceGroupName") ?? change.name);
  const others = changes.filter((each) => each !== change && isInAzure(each) && each.action === change.action).length;
  const content = `with everything in it: ${count(others, "resource")} of this stack, and those that others created.`;
  const why = differenceOf(change, "location") ? " An existing group cannot move." : "";
  return loss(change, {
    deleted: `Resource group ${name} is **deleted**, ${content}`,
    replaced: `Resource group ${name} is **replaced**${because(change)}, ${content}${why}`,
  });
};
