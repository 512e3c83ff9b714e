import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../armErrors";

/** The most rules of one vault (Azure documentation, "Azure Key Vault network security"). */
const LIMITS = Object.freeze({ ipRules: 1000, virtualNetworkRules: 200 });

const invalid = (message: string) => frontError(400, "BadRequest", message);

function checkWord(acls: JsonObject, name: string, words: readonly string[]): void {
  const value = acls[name];
  if (value === undefined || value === null) return;
  if (typeof value === "string" && words.some((word) => word.toLowerCase() === value.toLowerCase())) return;
  throw invalid(`The property "networkAcls.${name}" must be ${words.join(" or ")}, not ${String(value)}.`);
}

function rulesOf(acls: JsonObject, name: keyof typeof LIMITS): readonly JsonObject[] {
  const rules = acls[name] ?? [];
  if (!Array.isArray(rules) || !rules.every(isObject)) {
    throw invalid(`The property "networkAcls.${name}" must be a list of objects.`);
  }
  if (rules.length <= LIMITS[name]) return rules;
  throw invalid(`The property "networkAcls.${name}" has ${rules.length} rules: a vault has at most ${LIMITS[name]}.`);
}

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const RANGE = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}(?:/(?:3[0-2]|[12]?\\d))?$`);
/** Addresses of private networks (RFC 1918). */
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;

/** Validates a vault's firewall. Throws 400. */
export function checkNetworkAcls(acls: JsonObject): void {
  checkWord(acls, "defaultAction", ["Allow", "Deny"]);
  checkWord(acls, "bypass", ["AzureServices", "None"]);
  for (const { value } of rulesOf(acls, "ipRules")) {
    if (typeof value !== "string" || !RANGE.test(value)) {
      throw invalid(
        `"${String(value)}" is neither an IPv4 address nor a range such as 203.0.113.0/24 (networkAcls.ipRules).`,
      );
    }
    if (PRIVATE.test(value)) {
      throw invalid(`"${value}" is in a private network: ipRules accept public addresses only (networkAcls.ipRules).`);
    }
  }
  for (const { id } of rulesOf(acls, "virtualNetworkRules")) {
    if (typeof id !== "string" || !/\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i.test(id)) {
      throw invalid(`"${String(id)}" is not the ID of a subnet (networkAcls.virtualNetworkRules).`);
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
