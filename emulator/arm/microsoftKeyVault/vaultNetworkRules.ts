import type { JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../armErrors";

const invalid = (message: string) => frontError(400, "BadRequest", message);

type Rules = readonly { readonly value: string; readonly id: string }[];

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const RANGE = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}(?:/(?:3[0-2]|[12]?\\d))?$`);
/** Addresses of private networks (RFC 1918). */
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;

/** Validates the addresses and subnets of a vault's firewall. Throws 400. */
export function checkNetworkAcls({ ipRules, virtualNetworkRules }: JsonObject): void {
  for (const { value } of (ipRules ?? []) as Rules) {
    if (!RANGE.test(value)) {
      throw invalid(`"${value}" is neither an IPv4 address nor a range such as 203.0.113.0/24 (networkAcls.ipRules).`);
    }
    if (PRIVATE.test(value)) {
      throw invalid(`"${value}" is in a private network: ipRules accept public addresses only (networkAcls.ipRules).`);
    }
  }
  for (const { id } of (virtualNetworkRules ?? []) as Rules) {
    if (!/\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i.test(id)) {
      throw invalid(`"${id}" is not the ID of a subnet (networkAcls.virtualNetworkRules).`);
    }
  }
}

/**
 * Whether a firewall refuses the callers of the local Azure. They are in no virtual network and are no trusted services
 * (`bypass`), so those rules admit no one. Their public address is unknown, so any rule for addresses admits them.
 */
export function refusesPublicCallers({ defaultAction, ipRules }: JsonObject): boolean {
  return String(defaultAction).toLowerCase() === "deny" && !(Array.isArray(ipRules) && ipRules.length > 0);
}
