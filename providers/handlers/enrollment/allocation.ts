/** How an enrollment chooses a hub: the inputs, and checks of several together. */
import { isObject } from "../../../azure/wire/jsonObject";
import { type Fields, oneOf, UNKNOWN } from "../resource/fields";
import type { CheckFailure, Props } from "../resource/handler";

/** The api-version of the webhook's contract by default (Azure documentation "Understand custom allocation policies"). */
const WEBHOOK_API_VERSION = "2021-10-01";

const HUB_HOST = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+$/;

function hubsError(value: unknown): string | undefined {
  if (!Array.isArray(value)) return "must be a list of hub host names";
  if (value.length === 0) return "must name at least one hub; leave it out for all linked hubs";
  const hosts = value.filter((host) => host !== UNKNOWN);
  const wrong = hosts.find((host) => typeof host !== "string" || !HUB_HOST.test(host));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is not a hub's host name, such as my-hub.azure-devices.net`;
  return new Set(hosts.map((host) => String(host).toLowerCase())).size < hosts.length ? "names a hub twice" : undefined;
}

/** The message never contains the address: it may carry a key. */
function webhookError(value: unknown): string | undefined {
  const given = isObject(value) ? value : {};
  const { webhookUrl: url, apiVersion } = given;
  const isUrl = typeof url === "string" && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (url !== UNKNOWN && !isUrl) return "webhookUrl must be an http or https address";
  const isVersion = apiVersion === undefined || apiVersion === UNKNOWN || /^\d{4}-\d\d-\d\d/.test(String(apiVersion));
  return isVersion ? undefined : `apiVersion must be a date such as ${WEBHOOK_API_VERSION}`;
}

/** Inputs. The webhook's address may carry a key: it is a secret. */
export const ALLOCATION: Fields = {
  allocationPolicy: { validate: oneOf("hashed", "geoLatency", "static", "custom") },
  iotHubs: { validate: hubsError },
  customAllocation: { validate: webhookError },
};

/** Checks the inputs together. */
export function allocationErrors({ allocationPolicy, iotHubs, customAllocation }: Props): CheckFailure[] {
  if (allocationPolicy === UNKNOWN) return [];
  const failures: CheckFailure[] = [];
  const hubs = Array.isArray(iotHubs) ? iotHubs.length : 0;
  if (allocationPolicy === "static" && iotHubs !== UNKNOWN && hubs !== 1) {
    const reason = `the policy static needs exactly one hub, and ${hubs} are given`;
    failures.push({ property: "iotHubs", reason });
  }
  if (allocationPolicy === "custom" && customAllocation === undefined) {
    const reason = "the policy custom needs the webhook that chooses: give webhookUrl";
    failures.push({ property: "customAllocation", reason });
  }
  if (allocationPolicy !== "custom" && customAllocation !== undefined) {
    const reason = "a webhook is asked only by the policy custom: set allocationPolicy to custom or leave it out";
    failures.push({ property: "customAllocation", reason });
  }
  return failures;
}

/** The webhook as the wire has it. */
export function webhookBody(inputs: Props): { webhookUrl: string; apiVersion: string } | undefined {
  const given = inputs.customAllocation as { webhookUrl: string; apiVersion?: string } | undefined;
  return given && { webhookUrl: given.webhookUrl, apiVersion: given.apiVersion ?? WEBHOOK_API_VERSION };
}
