import { regionKey } from "../../azure/names";
import { frontError } from "./armErrors";

/** Azure's regions with both IoT Hub and DPS: name, display name, and the paired region. */
const REGIONS = Object.freeze({
  australiaeast: ["Australia East", "australiasoutheast"],
  australiasoutheast: ["Australia Southeast", "australiaeast"],
  brazilsouth: ["Brazil South", "southcentralus"],
  canadacentral: ["Canada Central", "canadaeast"],
  canadaeast: ["Canada East", "canadacentral"],
  centralindia: ["Central India", "southindia"],
  centralus: ["Central US", "eastus2"],
  eastasia: ["East Asia", "southeastasia"],
  eastus: ["East US", "westus"],
  eastus2: ["East US 2", "centralus"],
  francecentral: ["France Central", "francesouth"],
  germanywestcentral: ["Germany West Central", "germanynorth"],
  italynorth: ["Italy North", ""],
  japaneast: ["Japan East", "japanwest"],
  japanwest: ["Japan West", "japaneast"],
  koreacentral: ["Korea Central", "koreasouth"],
  koreasouth: ["Korea South", "koreacentral"],
  northcentralus: ["North Central US", "southcentralus"],
  northeurope: ["North Europe", "westeurope"],
  norwayeast: ["Norway East", "norwaywest"],
  polandcentral: ["Poland Central", ""],
  qatarcentral: ["Qatar Central", ""],
  southafricanorth: ["South Africa North", "southafricawest"],
  southcentralus: ["South Central US", "northcentralus"],
  southeastasia: ["Southeast Asia", "eastasia"],
  southindia: ["South India", "centralindia"],
  spaincentral: ["Spain Central", ""],
  swedencentral: ["Sweden Central", "swedensouth"],
  switzerlandnorth: ["Switzerland North", "switzerlandwest"],
  switzerlandwest: ["Switzerland West", "switzerlandnorth"],
  uaenorth: ["UAE North", "uaecentral"],
  uksouth: ["UK South", "ukwest"],
  ukwest: ["UK West", "uksouth"],
  westcentralus: ["West Central US", "westus2"],
  westeurope: ["West Europe", "northeurope"],
  westus: ["West US", "eastus"],
  westus2: ["West US 2", "westcentralus"],
  westus3: ["West US 3", "eastus"],
} as const satisfies Record<string, readonly [string, string]>);

/** The regions in which data can be kept (Azure documentation, "IoT Hub high availability – Data residency"). */
export const keepsDataResident = (region: string): boolean => ["brazilsouth", "southeastasia"].includes(region);

/** Names of all regions, lower case without spaces. */
export const REGION_NAMES: readonly string[] = Object.keys(REGIONS);

/** The region's display name, for example `West Europe`; the name itself for an unknown region. */
export const regionTitle = (name: string): string => (REGIONS as Record<string, readonly string[]>)[name]?.[0] ?? name;

/** The display name of the paired region; undefined where a region has no pair. */
export function pairedTitle(name: string): string | undefined {
  const pair = (REGIONS as Record<string, readonly string[]>)[name]?.[1];
  return pair ? regionTitle(pair) : undefined;
}

/** Reads the `location` of a request; throws ARM's error when it is not a region of `what` (`group`, or a resource type). */
export function readLocation(location: unknown, what: "group" | string): string {
  const key = regionKey(String(location));
  if (REGION_NAMES.includes(key)) return key;
  const code = what === "group" ? "LocationNotAvailableForResourceGroup" : "LocationNotAvailableForResourceType";
  const label = what === "group" ? "resource group" : `resource type '${what}'`;
  const message = `The provided location '${location}' is not available for ${label}. List of available regions is '${REGION_NAMES.join(",")}'.`;
  throw frontError(400, code, message);
}
