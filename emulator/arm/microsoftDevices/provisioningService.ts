import { GLOBAL_DEVICE_ENDPOINT, serviceHost } from "../../../azure/hosts";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { objectAt } from "../armRequest";
import type { Resource } from "../microsoftResources/resourceStore";
import { checkDataResidency, type DeviceServiceKind, type Plan, readSku } from "./deviceServiceKind";
import { PROVISIONING_SERVICE_VERSIONS } from "./deviceServiceVersions";
import { checkUnique, filterNames } from "./hubLimits";
import { linkBody, linkedHubsOf, readLinks } from "./linkedHubs";
import { defaultPolicies, mergePolicies } from "./sharedAccessPolicies";

/** The type of provisioning services. */
export const SERVICE_TYPE = "Microsoft.Devices/provisioningServices";

const RIGHTS = [
  "ServiceConfig",
  "EnrollmentRead",
  "EnrollmentWrite",
  "DeviceConnect",
  "RegistrationStatusRead",
  "RegistrationStatusWrite",
];
const TIERS = Object.freeze({ S1: "Standard" });
/** The policy of a new service (recorded from the service). */
const POLICIES = [["provisioningserviceowner", ["ServiceConfig", "DeviceConnect", "EnrollmentWrite"]]] as const;
const ALLOCATION_POLICIES = ["Hashed", "GeoLatency", "Static"];

/** Read-only properties. */
const SERVICE_OWNED = new Set([
  "state",
  "provisioningState",
  "idScope",
  "serviceOperationsHostName",
  "deviceProvisioningHostName",
  "authorizationPolicies",
  "privateEndpointConnections",
]);

const plan: DeviceServiceKind["plan"] = (body, before, { identity, apiVersion }, deps): Plan => {
  const requested = objectAt(body, "properties");
  const sku = readSku(body, TIERS);
  const allocationPolicy = ALLOCATION_POLICIES.find(
    (name) => name.toLowerCase() === String(requested.allocationPolicy ?? "Hashed").toLowerCase(),
  );
  const links = before ? linkedHubsOf(before.properties) : [];
  const iotHubs = readLinks(requested.iotHubs, { before: links, identity, apiVersion }, deps);
  const rest = Object.fromEntries(Object.entries(requested).filter(([name]) => !SERVICE_OWNED.has(name)));
  checkDataResidency(body, "serviceDataResidency", deps);
  checkUnique("ipFilterRules", filterNames(requested.ipFilterRules), deps);
  const policies = before?.policies ?? defaultPolicies(POLICIES, deps);
  return {
    sku,
    properties: { ...rest, allocationPolicy, iotHubs },
    policies: mergePolicies(requested.authorizationPolicies, policies, RIGHTS, deps),
    scope: before?.scope ?? `0ne${deps.ids.hex(4).toUpperCase()}`,
  };
};

const shown = ({ properties }: Resource, apiVersion: string): JsonObject => ({
  disableLocalAuth: false,
  ...properties,
  iotHubs: linkedHubsOf(properties).map((link) => linkBody(link, apiVersion)),
});

const view: DeviceServiceKind["view"] = (resource, { settled, apiVersion }) => {
  return {
    // Recorded: 2022-02-05 says so where it was not set (azure-sdk-for-net, AddRemoveTag), and 2021-10-15 does not.
    ...(apiVersion < "2022" ? {} : { enableDataResidency: false }),
    ...shown(resource, apiVersion),
    state: settled ? "Active" : "Activating",
    provisioningState: settled ? "Succeeded" : "Accepted",
    serviceOperationsHostName: serviceHost(resource.name),
    deviceProvisioningHostName: GLOBAL_DEVICE_ENDPOINT,
    idScope: resource.scope,
  };
};

/** Provisioning services (Azure REST API "Iot Dps Resource", 2022-12-12; links by identity and `disableLocalAuth` 2026-08-31). */
export const PROVISIONING_SERVICE = Object.freeze<DeviceServiceKind>({
  type: SERVICE_TYPE,
  segment: "provisioningServices",
  operations: "IotDpsResource",
  schema: "provisioningService.createOrUpdate",
  label: "Provisioning service",
  nameRule: "provisioningService",
  nameErrorCode: "invalidServiceName",
  // Azure documentation, "Azure IoT Hub Device Provisioning Service – Quotas and limits".
  limit: 10,
  keyPath: "keys",
  availabilityPath: "checkProvisioningServiceNameAvailability",
  certificateOperations: {
    list: "DpsCertificate_List",
    get: "DpsCertificate_Get",
    put: "DpsCertificate_CreateOrUpdate",
    remove: "DpsCertificate_Delete",
    code: "DpsCertificate_GenerateVerificationCode",
    verify: "DpsCertificate_VerifyCertificate",
  },
  saysNoIdentity: false,
  returnsCertificatesSince: undefined,
  versions: PROVISIONING_SERVICE_VERSIONS,
  skus: [{ name: "S1" }],
  pollPath: (subscriptionId, location) =>
    `/subscriptions/${subscriptionId}/providers/Microsoft.Devices/locations/${location}/provisioningserviceoperationresults`,
  plan,
  view,
  // The response to a PUT has no ID scope, host or key (recorded from the service).
  accepted: (resource, { isNew, apiVersion }) => ({
    ...shown(resource, apiVersion),
    state: isNew ? "Activating" : "Transitioning",
    provisioningState: "Accepted",
    idScope: null,
  }),
});
