import { hubHost } from "../../../azure/hosts";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { objectAt } from "../armRequest";
import type { Resource } from "../microsoftResources/resourceStore";
import { pairedTitle, regionTitle } from "../regions";
import { checkDataResidency, type DeviceServiceKind, type Plan, readSku } from "./deviceServiceKind";
import { HUB_VERSIONS } from "./deviceServiceVersions";
import { eventsEndpointBody, partitionCountOf } from "./eventsEndpoint";
import { checkDurations } from "./hubDurations";
import { maskedKeys, storedKeys } from "./hubEndpointKeys";
import { checkLists, checkSku, MOST_UNITS } from "./hubLimits";
import { DEFAULT_ROUTING, readRouting } from "./hubRouting";
import { defaultPolicies, mergePolicies } from "./sharedAccessPolicies";

/** The type of IoT hubs. */
export const HUB_TYPE = "Microsoft.Devices/IotHubs";

const RIGHTS = ["RegistryRead", "RegistryWrite", "ServiceConnect", "DeviceConnect"];
const TIERS = Object.freeze({
  F1: "Free",
  S1: "Standard",
  S2: "Standard",
  S3: "Standard",
  B1: "Basic",
  B2: "Basic",
  B3: "Basic",
});
/** The policies of a new hub (Azure documentation, "Control access to IoT Hub"). */
const POLICIES = [
  ["iothubowner", RIGHTS],
  ["service", ["ServiceConnect"]],
  ["device", ["DeviceConnect"]],
  ["registryRead", ["RegistryRead"]],
  ["registryReadWrite", ["RegistryRead", "RegistryWrite"]],
] as const;
/** The default number of partitions of the built-in events endpoint. A free hub has two (recorded). */
const PARTITIONS = 4;
const FREE_PARTITIONS = 2;

/** Read-only properties: their values in a request are ignored. */
const SERVICE_OWNED = new Set([
  "state",
  "provisioningState",
  "hostName",
  "locations",
  "authorizationPolicies",
  "privateEndpointConnections",
]);

const feedback = { lockDurationAsIso8601: "PT1M", ttlAsIso8601: "PT1H", maxDeliveryCount: 10 };

/** The default properties of a new hub (recorded from the service). */
const DEFAULTS: JsonObject = Object.freeze({
  ipFilterRules: [],
  routing: DEFAULT_ROUTING,
  storageEndpoints: { $default: { sasTtlAsIso8601: "PT1H", connectionString: "", containerName: "" } },
  messagingEndpoints: { fileNotifications: feedback },
  enableFileUploadNotifications: false,
  cloudToDevice: { maxDeliveryCount: 10, defaultTtlAsIso8601: "PT1H", feedback },
  features: "None",
  allowedFqdnList: [],
});

const membersOf = (object: JsonObject, isWanted: (name: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => isWanted(name)));

/** Adds the defaults below `properties` that a request left out. */
function filled(defaults: JsonObject, given: JsonObject): JsonObject {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  const merged = entries.map(([name, value]) => {
    const before = defaults[name];
    return [name, isObject(before) && isObject(value) ? filled(before, value) : value];
  });
  return { ...defaults, ...Object.fromEntries(merged) };
}

/** The default properties of a hub that is settled (recorded: azure-cli `test_hub_wait.yaml`). */
const SETTLED: JsonObject = Object.freeze({ ...DEFAULTS, rootCertificate: { enableRootCertificateV2: true } });

/** What the response to a PUT has even if the request has not (recorded: azure-sdk-for-net, IotHubMiscTests). */
const ACCEPTED = ["enableFileUploadNotifications", "cloudToDevice", "features", "allowedFqdnList"];

const view: DeviceServiceKind["view"] = (resource, { settled }) => {
  const pair = pairedTitle(resource.location);
  const regions = [regionTitle(resource.location), ...(pair ? [pair] : [])];
  if (resource.isFailedOver) regions.reverse();
  return {
    ...maskedKeys(filled(settled ? SETTLED : DEFAULTS, resource.properties)),
    locations: regions.map((location, index) => ({ location, role: index === 0 ? "primary" : "secondary" })),
    state: settled ? "Active" : "Activating",
    provisioningState: settled ? "Succeeded" : "Activating",
    // Recorded: azure-cli `test_hub_wait.yaml`.
    hostName: settled ? hubHost(resource.name) : undefined,
    eventHubEndpoints: { events: eventsEndpointBody(resource, settled) },
  };
};

/** The partition count of a PUT. A free hub of an earlier release keeps its four. */
function readPartitionCount(
  requested: JsonObject,
  isFree: boolean,
  before: Resource | undefined,
  deps: ArmDependencies,
): unknown {
  const given = objectAt(objectAt(requested, "eventHubEndpoints"), "events").partitionCount ?? undefined;
  if (before) {
    const present = partitionCountOf(before.properties);
    if (given === undefined || given === present) return present;
    const message = "The partition count of the events endpoint cannot be changed after the hub was created.";
    throw devicesError("invalidArgument", message, deps);
  }
  if (!isFree) return given ?? PARTITIONS;
  if ((given ?? FREE_PARTITIONS) === FREE_PARTITIONS) return FREE_PARTITIONS;
  const message = `The partition count of a free hub must be between ${FREE_PARTITIONS} and ${FREE_PARTITIONS}.`;
  throw devicesError("partitionCount", message, deps);
}

const plan: DeviceServiceKind["plan"] = (body, before, _after, deps): Plan => {
  const requested = storedKeys(objectAt(body, "properties"), before?.properties ?? {}, deps);
  const sku = readSku(body, TIERS);
  const free = deps.resources.list({ type: HUB_TYPE }).filter((each) => each.sku.name === "F1");
  checkSku(sku, before, free, deps);
  const partitionCount = readPartitionCount(requested, sku.name === "F1", before, deps);
  checkDataResidency(body, "hubDataResidency", deps);
  const rest = Object.fromEntries(Object.entries(requested).filter(([name]) => !SERVICE_OWNED.has(name)));
  const endpoints = objectAt(requested, "eventHubEndpoints");
  const { routing } = requested;
  const properties = {
    ...rest,
    eventHubEndpoints: { ...endpoints, events: { ...objectAt(endpoints, "events"), partitionCount } },
    ...(isObject(routing) && { routing: readRouting(routing, objectAt(before?.properties ?? {}, "routing"), deps) }),
  };
  checkLists(properties, sku.name === "F1", deps);
  checkDurations(properties, deps);
  const policies = before?.policies ?? defaultPolicies(POLICIES, deps);
  return { sku, properties, policies: mergePolicies(requested.authorizationPolicies, policies, RIGHTS, deps) };
};

/** IoT hubs (Azure REST API "IoT Hub Resource", 2023-06-30). */
export const HUB = Object.freeze<DeviceServiceKind>({
  type: HUB_TYPE,
  segment: "IotHubs",
  operations: "IotHubResource",
  schema: "iotHub.createOrUpdate",
  label: "IotHub",
  nameRule: "iotHub",
  nameErrorCode: "invalidArgument",
  // Azure documentation, "IoT Hub quotas and throttling – Other limits".
  limit: 50,
  keyPath: "IotHubKeys",
  availabilityPath: "checkNameAvailability",
  certificateOperations: {
    list: "Certificates_ListByIotHub",
    get: "Certificates_Get",
    put: "Certificates_CreateOrUpdate",
    remove: "Certificates_Delete",
    code: "Certificates_GenerateVerificationCode",
    verify: "Certificates_Verify",
  },
  saysNoIdentity: true,
  // Recorded: without the certificate in 2019-07-01-preview, with it in 2021-07-02. The versions between are a guess.
  returnsCertificatesSince: "2021-07-02",
  versions: HUB_VERSIONS,
  skus: Object.entries(TIERS).map(([name, tier]) => ({
    resourceType: HUB_TYPE,
    sku: { name, tier },
    capacity: {
      minimum: 1,
      maximum: MOST_UNITS[name],
      default: 1,
      scaleType: name === "F1" ? "None" : "Manual",
    },
  })),
  pollPath: (subscriptionId) => `/subscriptions/${subscriptionId}/providers/Microsoft.Devices/operationResults`,
  plan,
  view,
  // Later API versions say no state yet (recorded: azure-cli `test_certificate_lifecycle.yaml`, `test_hub_wait.yaml`).
  accepted: ({ properties }, { isNew, apiVersion }) => ({
    state: apiVersion < "2023" ? (isNew ? "Activating" : "Transitioning") : undefined,
    provisioningState: "Accepted",
    ...maskedKeys(
      filled(
        membersOf(DEFAULTS, (name) => ACCEPTED.includes(name) || isObject(properties[name])),
        properties,
      ),
    ),
  }),
});
