import { hubHost } from "../../../azure/hosts";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { devicesError } from "../armErrors";
import { objectAt } from "../armRequest";
import { pairedTitle, regionTitle } from "../regions";
import type { Resource } from "../resources/resourceStore";
import { type DeviceServiceKind, type Plan, readSku } from "./deviceServiceKind";
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
/** The default number of partitions of the built-in events endpoint. */
const PARTITIONS = 4;

/** Read-only properties: their values in a request are ignored. */
const SERVICE_OWNED = new Set(["state", "provisioningState", "hostName", "locations", "authorizationPolicies"]);

/** How many partitions the built-in events endpoint of stored properties has. */
export function partitionCountOf(properties: JsonObject): number {
  const events = objectAt(objectAt(properties, "eventHubEndpoints"), "events");
  return typeof events.partitionCount === "number" ? events.partitionCount : PARTITIONS;
}

const feedback = { lockDurationAsIso8601: "PT1M", ttlAsIso8601: "PT1H", maxDeliveryCount: 10 };

/** The default properties of a new hub (recorded from the service). */
const DEFAULTS: JsonObject = Object.freeze({
  ipFilterRules: [],
  routing: {
    endpoints: { serviceBusQueues: [], serviceBusTopics: [], eventHubs: [], storageContainers: [] },
    routes: [],
    fallbackRoute: {
      name: "$fallback",
      source: "DeviceMessages",
      condition: "true",
      endpointNames: ["events"],
      isEnabled: true,
    },
  },
  storageEndpoints: { $default: { sasTtlAsIso8601: "PT1H", connectionString: "", containerName: "" } },
  messagingEndpoints: { fileNotifications: feedback },
  enableFileUploadNotifications: false,
  cloudToDevice: { maxDeliveryCount: 10, defaultTtlAsIso8601: "PT1H", feedback },
  features: "None",
});

function eventsEndpoint(resource: Resource): JsonObject {
  const requested = objectAt(objectAt(resource.properties, "eventHubEndpoints"), "events");
  const partitionCount = partitionCountOf(resource.properties);
  const name = resource.name.toLowerCase();
  return {
    retentionTimeInDays: requested.retentionTimeInDays ?? 1,
    partitionCount,
    partitionIds: Array.from({ length: partitionCount }, (_, index) => String(index)),
    path: name,
    endpoint: `sb://iothub-ns-${name.slice(0, 10)}-${resource.key.slice(0, 8)}.servicebus.windows.net/`,
  };
}

function view(resource: Resource, settled: boolean): JsonObject {
  const pair = pairedTitle(resource.location);
  return {
    ...DEFAULTS,
    ...resource.properties,
    locations: [
      { location: regionTitle(resource.location), role: "primary" },
      ...(pair ? [{ location: pair, role: "secondary" }] : []),
    ],
    state: settled ? "Active" : "Activating",
    provisioningState: settled ? "Succeeded" : "Activating",
    hostName: hubHost(resource.name),
    eventHubEndpoints: { events: eventsEndpoint(resource) },
  };
}

const plan: DeviceServiceKind["plan"] = (body, before, deps): Plan => {
  const requested = objectAt(body, "properties");
  const sku = readSku(body, TIERS);
  if (before && partitionCountOf(requested) !== partitionCountOf(before.properties)) {
    const message = "The partition count of the events endpoint cannot be changed after the hub was created.";
    throw devicesError("invalidArgument", message, deps);
  }
  const properties = Object.fromEntries(Object.entries(requested).filter(([name]) => !SERVICE_OWNED.has(name)));
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
  skus: Object.entries(TIERS).map(([name, tier]) => ({
    resourceType: HUB_TYPE,
    sku: { name, tier },
    capacity: {
      minimum: 1,
      maximum: name === "F1" ? 1 : 200,
      default: 1,
      scaleType: name === "F1" ? "None" : "Manual",
    },
  })),
  pollPath: (subscriptionId) => `/subscriptions/${subscriptionId}/providers/Microsoft.Devices/operationResults`,
  plan,
  view,
  accepted: (resource, isNew) => ({
    ...resource.properties,
    state: isNew ? "Activating" : "Transitioning",
    provisioningState: "Accepted",
  }),
});
