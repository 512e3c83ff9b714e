import { regionKey } from "../../azure/names";
import { at, type PolicyViolation, type Rule, UNKNOWN } from "../policyRule";
import { HUB, PROVISIONING_SERVICE, TAGGED } from "../resourceTypes";

/** Where resources may be; empty: anywhere. */
export interface Locations {
  readonly locations: readonly string[];
}

/** Resources are in allowed regions only; `West Europe` and `westeurope` are the same. */
export const allowedLocations: Rule<Locations> = (resource, { locations }) => {
  const value = at(resource, "location");
  if (!resource.type.startsWith("azure-native:") || typeof value !== "string" || locations.length === 0) return [];
  if (locations.some((location) => regionKey(location) === regionKey(value))) return [];
  const rule = `must be one of ${locations.join(", ")}`;
  return [{ field: "location", value, rule, remedy: `pulumi config set azure-native:location ${locations[0]}` }];
};

/** Which tiers are allowed, and how many units of them. */
export interface Skus {
  readonly hubSkus: readonly string[];
  readonly maximumHubUnits: number;
  readonly maximumServiceUnits: number;
}

/** Tiers and units, and so the costs, stay within limits. */
export const allowedSkus: Rule<Skus> = (resource, { hubSkus, maximumHubUnits, maximumServiceUnits }) => {
  const isHub = resource.type === HUB;
  if (!isHub && resource.type !== PROVISIONING_SERVICE) return [];
  const findings: PolicyViolation[] = [];
  const [name, units] = [at(resource, "sku.name"), at(resource, "sku.capacity")];
  if (isHub && typeof name === "string" && hubSkus.length > 0 && !hubSkus.includes(name)) {
    const rule = `the tier must be one of ${hubSkus.join(", ")}`;
    findings.push({ field: "sku.name", value: name, rule, remedy: `pulumi config set hubSku ${hubSkus[0]}` });
  }
  const most = isHub ? maximumHubUnits : maximumServiceUnits;
  if (typeof units === "number" && units > most) {
    const key = isHub ? "hubUnits" : "provisioningServiceUnits";
    const remedy = `pulumi config set ${key} ${most}, or raise the policy's limit`;
    findings.push({ field: "sku.capacity", value: units, rule: `at most ${most} units are allowed`, remedy });
  }
  return findings;
};

/** Required tags, each `name` or `name=value|value`. */
export interface Tags {
  readonly tags: readonly string[];
}

/** Billed resources have the tags for cost accounting. */
export const requiredTags: Rule<Tags> = (resource, { tags }) => {
  if (!TAGGED.includes(resource.type) || at(resource, "tags") === UNKNOWN) return [];
  return tags.flatMap((entry): readonly PolicyViolation[] => {
    // A tag's name has no "="; its values may.
    const [name = ""] = entry.split("=", 1);
    const allowed = name === entry ? undefined : entry.slice(name.length + 1);
    const value = at(resource, ["tags", name]);
    const values = allowed?.split("|");
    const remedy = `pulumi config set --path 'tags[0]' ${name}=${values?.[0] ?? "<value>"}, or the next free index`;
    if (value === undefined || value === "") {
      return [{ field: `tags.${name}`, value: undefined, rule: "the tag is required", remedy }];
    }
    if (value === UNKNOWN || values === undefined || values.includes(String(value))) return [];
    return [{ field: `tags.${name}`, value, rule: `must be one of ${values.join(", ")}`, remedy }];
  });
};
