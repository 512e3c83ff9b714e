import type { ConformanceRow } from "./conformanceRow";
import {
  CLI,
  DEVICES,
  GROUP,
  GUID,
  get,
  hub,
  NET,
  post,
  put,
  remove,
  STALE,
  SUBSCRIPTION,
  V,
  withProperties,
} from "./managementRequests";

const HUB = `${DEVICES}/IotHubs/hub-more`;
const DPS = `${DEVICES}/provisioningServices/dps-more`;
const RESIDENT = `${DEVICES}/provisioningServices/dps-resident`;
const USER = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/user-more`;
const CONSUMER_GROUPS = `${HUB}/eventHubEndpoints/events/ConsumerGroups`;
const HYBRID = "azure-cli iot recordings, hybrid_2020_09_01:";
const MISC = `${NET} IotHubMiscTests GetIotHubUserSubscriptionQuota`;
/** az of 2020 sends and reads this version of hubs, and that one of provisioning services. */
const OLD = { hub: "2019-07-01-preview", dps: "2018-01-22" };
const FALLBACK = { name: "$fallback", source: "DeviceMessages", isEnabled: true };

const HUBS: readonly ConformanceRow[] = [
  {
    name: "check of a hub's name that is free",
    source: `${HYBRID} test_dps_lifecycle, of a provisioning service`,
    request: post(`${SUBSCRIPTION}/providers/Microsoft.Devices/checkNameAvailability`, V.hub, { name: "hub-more" }),
    status: 200,
    properties: { "": { is: { nameAvailable: true, reason: "Invalid", message: null } } },
  },
  {
    name: "PUT of a new hub without properties",
    source: MISC,
    request: put(HUB, V.hub, { ...hub, tags: {} }),
    status: 201,
    properties: {
      etag: "absent",
      identity: "absent",
      systemData: "absent",
      tags: { is: {} },
      subscriptionid: "string",
      "properties.state": { is: "Activating" },
      "properties.enableFileUploadNotifications": false,
      "properties.cloudToDevice.feedback.lockDurationAsIso8601": { is: "PT1M" },
      "properties.features": { is: "None" },
      "properties.allowedFqdnList": { is: [] },
      "properties.routing": "absent",
      "properties.storageEndpoints": "absent",
      "properties.hostName": "absent",
      "properties.locations": "absent",
    },
    headers: { "azure-asyncoperation": /\/operationResults\/[^/?]+\?api-version=2021-07-02&.*asyncinfo$/ },
  },
  {
    name: "GET of a hub with capitals keeps them in its host, and not in its path",
    source: `${NET} CertificateDescriptionTests GetAll`,
    before: [put(`${DEVICES}/IotHubs/Hub-CAPITAL`, V.hub, hub)],
    request: get(`${DEVICES}/IotHubs/hub-capital`, V.hub),
    status: 200,
    properties: {
      name: { is: "Hub-CAPITAL" },
      "properties.hostName": { is: "Hub-CAPITAL.azure-devices.net" },
      "properties.eventHubEndpoints.events.path": { is: "hub-capital" },
    },
  },
  {
    name: "check of a hub's name that is taken",
    source: `${CLI} test_hub_wait`,
    request: post(`${SUBSCRIPTION}/providers/Microsoft.Devices/checkNameAvailability`, V.hub, { name: "hub-more" }),
    status: 200,
    properties: {
      "": { is: { nameAvailable: false, reason: "AlreadyExists", message: "IotHub name 'hub-more' is not available" } },
    },
  },
  {
    name: "GET of a hub without properties has all defaults",
    source: MISC,
    request: get(HUB, V.hub),
    status: 200,
    properties: {
      "properties.eventHubEndpoints.events.path": { is: "hub-more" },
      "properties.eventHubEndpoints.events.endpoint": /^sb:\/\/iothub-ns-hub-more-/,
      "properties.storageEndpoints.$default": {
        is: { sasTtlAsIso8601: "PT1H", connectionString: "", containerName: "" },
      },
      "properties.messagingEndpoints.fileNotifications": {
        is: { lockDurationAsIso8601: "PT1M", ttlAsIso8601: "PT1H", maxDeliveryCount: 10 },
      },
      "properties.ipFilterRules": { is: [] },
      "properties.locations.1.role": { is: "secondary" },
    },
  },
  {
    name: "PUT of an existing hub with a stale ETag in the body: no precondition, and echoed",
    source: `${NET} iothub TestIotHubUpdateLifeCycle`,
    request: put(HUB, V.hub, { ...hub, etag: STALE }),
    status: 201,
    properties: { etag: { is: STALE }, "properties.state": { is: "Transitioning" } },
  },
  {
    name: "PUT of a hub with a part of its file notifications: the rest is filled up",
    source: `${HYBRID} test_dps_lifecycle`,
    request: put(
      HUB,
      OLD.hub,
      withProperties({
        storageEndpoints: { $default: { connectionString: "", containerName: "" } },
        messagingEndpoints: { fileNotifications: { ttlAsIso8601: "PT1H", maxDeliveryCount: 10 } },
      }),
    ),
    status: 201,
    properties: {
      "properties.messagingEndpoints.fileNotifications.lockDurationAsIso8601": { is: "PT1M" },
      "properties.storageEndpoints.$default.sasTtlAsIso8601": { is: "PT1H" },
      "properties.routing": "absent",
    },
  },
  {
    name: "PUT of a hub with a fallback route to an undefined endpoint",
    source: "guess, by the recorded kind 400131",
    request: put(HUB, V.hub, withProperties({ routing: { fallbackRoute: { ...FALLBACK, endpointNames: ["none"] } } })),
    status: 400,
    code: 400131,
  },
  ...(
    [
      ["disableDeviceSAS", "true", 400004],
      ["disableLocalAuth", "yes", 400004],
      ["minTlsVersion", {}, 400089],
      ["routing", -1, 400004],
      ["publicNetworkAccess", true, 400004],
    ] as const
  ).map(
    ([name, value, code]): ConformanceRow => ({
      name: `PUT of a hub whose ${name} is ${JSON.stringify(value)}`,
      source: "specification: IotHubProperties; the code is a guess",
      request: put(HUB, V.hub2023, withProperties({ [name]: value })),
      status: 400,
      code,
    }),
  ),
  {
    name: "PUT of a hub whose identity is a number",
    source: "specification: IotHubDescription; the code is a guess",
    request: put(HUB, V.hub2023, { ...hub, identity: 5 }),
    status: 400,
    code: 400004,
  },
  {
    name: "one key of a hub",
    source: "specification: IotHubResource_GetKeysForKeyName",
    request: post(`${HUB}/IotHubKeys/registryReadWrite/listkeys`, V.hub),
    status: 200,
    properties: { keyName: { is: "registryReadWrite" }, rights: { is: "RegistryWrite" }, primaryKey: "string" },
  },
  {
    name: "list of a hub's consumer groups",
    source: `${NET} EventHubConsumerGroupInfoTests GetAll`,
    request: get(CONSUMER_GROUPS, V.hub),
    status: 200,
    properties: {
      "value.0.id": /\/eventHubEndpoints\/events\/ConsumerGroups\/%24Default$/,
      "value.0.name": { is: "$Default" },
      "value.0.type": { is: "Microsoft.Devices/IotHubs/EventHubEndpoints/ConsumerGroups" },
      "value.0.etag": null,
      "value.0.properties": /^\{"created":"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"\}$/,
      "value.1": "absent",
    },
  },
  {
    name: "GET of a consumer group",
    source: `${NET} EventHubConsumerGroupInfoTests GetAll, for the list`,
    request: get(`${CONSUMER_GROUPS}/$Default`, V.hub),
    status: 200,
    properties: { etag: null, "properties.name": "absent", "properties.created": "string" },
  },
  {
    name: "what a private endpoint of a hub connects to",
    source: `${NET} IotHubPrivateEndpointGroupInformationTests GetAll`,
    request: get(`${HUB}/privateLinkResources`, V.hub),
    status: 200,
    properties: {
      "value.0.id": /\/IotHubs\/hub-more\/PrivateLinkResources\/iotHub$/,
      "value.0.name": { is: "iotHub" },
      "value.0.type": { is: "Microsoft.Devices/IotHubs/PrivateLinkResources" },
      "value.0.properties": {
        is: {
          groupId: "iotHub",
          requiredMembers: ["iotHub", "eventHub"],
          requiredZoneNames: ["privatelink.azure-devices.net", "privatelink.servicebus.windows.net"],
        },
      },
    },
  },
  {
    name: "importDevices of a hub without storage",
    source: "Azure REST API, Iot Hub Resource – Import Devices",
    request: post(`${HUB}/importDevices`, V.hub, {
      inputBlobContainerUri: "https://a.blob.core.windows.net/in?sig=a",
      outputBlobContainerUri: "https://a.blob.core.windows.net/out?sig=a",
    }),
    status: 501,
    code: "NotEmulated",
    differs: "The local Azure has no storage of its own: with Azurite, the devices are imported.",
  },
];

const CERTIFICATE = `${HUB}/certificates/ca-1`;
const WITHOUT = `${HYBRID} test_certificate_lifecycle`;

/** A hub's certificates in an api-version that returns them without the certificate itself. */
const CERTIFICATES: readonly ConformanceRow[] = [
  {
    name: "PUT of a hub's certificate of 2019-07-01-preview, with another in the file",
    source: `${WITHOUT}; ${CLI} test_dps_certificate_lifecycle, for two in a file`,
    request: (earlier) => put(CERTIFICATE, OLD.hub, { certificate: `${earlier("root")}${earlier("intermediate")}` }),
    status: 200,
    properties: {
      "properties.certificate": null,
      "properties.isVerified": false,
      "properties.subject": /root/i,
      "properties.expiry": /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
    },
  },
  {
    name: "list of a hub's certificates of 2019-07-01-preview",
    source: WITHOUT,
    request: get(`${HUB}/certificates`, OLD.hub),
    status: 200,
    properties: { "value.0.name": { is: "ca-1" }, "value.0.properties.certificate": null },
  },
  {
    name: "GET of a hub's certificate of 2019-07-01-preview",
    source: WITHOUT,
    request: get(CERTIFICATE, OLD.hub),
    status: 200,
    properties: { "properties.certificate": null },
  },
  {
    name: "GET of a hub's certificate of 2021-07-02",
    source: `${CLI} test_certificate_lifecycle`,
    request: get(CERTIFICATE, V.hub),
    status: 200,
    properties: { "properties.certificate": /^MII/ },
  },
  {
    name: "verification code of a hub's certificate of 2019-07-01-preview, with the certificate",
    source: WITHOUT,
    request: (earlier) =>
      post(`${CERTIFICATE}/generateVerificationCode`, OLD.hub, undefined, {
        "if-match": earlier("GET of a hub's certificate of 2021-07-02").etag,
      }),
    status: 200,
    properties: { "properties.verificationCode": /^[0-9A-F]{48}$/, "properties.certificate": /^MII/ },
  },
  {
    name: "DELETE of a hub's certificate with If-Match as older releases of az write it",
    source: `${CLI} 30 of 30, for a hub`,
    request: (earlier) =>
      remove(CERTIFICATE, V.hub, {
        "if-match": `{'IF-MATCH': '${earlier("verification code of a hub's certificate of 2019-07-01-preview, with the certificate").etag}'}`,
      }),
    status: 200,
    properties: { "": { is: "" } },
  },
];

const SERVICES: readonly ConformanceRow[] = [
  {
    name: "check of a provisioning service's name that is free",
    source: `${HYBRID} test_dps_lifecycle`,
    request: post(`${SUBSCRIPTION}/providers/Microsoft.Devices/checkProvisioningServiceNameAvailability`, OLD.dps, {
      name: "dps-more",
    }),
    status: 200,
    properties: { "": { is: { nameAvailable: true, reason: "Invalid", message: null } } },
  },
  {
    name: "PUT of a new provisioning service without properties",
    source: `${HYBRID} test_dps_lifecycle`,
    request: put(DPS, OLD.dps, withProperties({})),
    status: 201,
    properties: {
      etag: "absent",
      tags: { is: {} },
      sku: { is: { name: "S1", tier: "Standard", capacity: 1 } },
      "properties.state": { is: "Activating" },
      "properties.provisioningState": { is: "Accepted" },
      "properties.allocationPolicy": { is: "Hashed" },
      "properties.idScope": null,
      "properties.serviceOperationsHostName": "absent",
    },
  },
  {
    name: "list of provisioning services has what GET has",
    source: `${HYBRID} test_dps_lifecycle`,
    request: get(`${DEVICES}/provisioningServices`, OLD.dps),
    status: 200,
    properties: { value: /"name":"dps-more".*"idScope":"0ne/ },
  },
  {
    name: "PUT of an existing provisioning service with a stale ETag in the body",
    source: `${NET} LinkedHubsTests CreateAndDelete`,
    request: put(DPS, OLD.dps, {
      ...hub,
      etag: STALE,
      properties: { state: "Active", allocationPolicy: "GeoLatency" },
    }),
    status: 201,
    properties: {
      etag: { is: STALE },
      "properties.state": { is: "Transitioning" },
      "properties.allocationPolicy": { is: "GeoLatency" },
      "properties.idScope": null,
    },
  },
  {
    name: "GET of a provisioning service after the change",
    source: `${HYBRID} test_dps_lifecycle`,
    request: get(DPS, V.dps),
    status: 200,
    properties: { etag: /^AAAA/, "properties.allocationPolicy": { is: "GeoLatency" } },
  },
  ...(
    [
      ["2021-10-15", "absent"],
      ["2022-02-05", false],
    ] as const
  ).map(
    ([version, form]): ConformanceRow => ({
      name: `GET of a provisioning service of ${version} without a word on data residency`,
      source: `${CLI} test_dps_lifecycle; ${NET} DeviceProvisionServiceTests AddRemoveTag`,
      request: get(DPS, version),
      status: 200,
      properties: { "properties.enableDataResidency": form },
    }),
  ),
  {
    name: "PATCH of a provisioning service's tags",
    source: `${NET} DeviceProvisionServiceTests AddRemoveTag`,
    request: { ...put(DPS, "2022-02-05", { tags: { a: "b" } }), method: "PATCH" },
    status: 200,
    properties: {
      tags: { is: { a: "b" } },
      "properties.state": { is: "Active" },
      "properties.idScope": /^0ne/,
      "properties.enableDataResidency": false,
    },
    differs:
      "Azure returns the ETag before the change, and an empty one in 2018-01-22; the local Azure returns the new one.",
  },
  {
    name: "GET of a provisioning service with capitals keeps them in its host",
    source: "azure-sdk-for-python, azure-mgmt-iothubprovisioningservices, test_iothubprovisioningservices",
    before: [put(`${DEVICES}/provisioningServices/Dps-CAPITAL`, OLD.dps, { ...hub, location: "West Europe" })],
    request: get(`${DEVICES}/provisioningServices/dps-capital`, OLD.dps),
    status: 200,
    properties: {
      location: { is: "West Europe" },
      "properties.serviceOperationsHostName": { is: "Dps-CAPITAL.azure-devices-provisioning.net" },
    },
  },
  {
    name: "PUT of a provisioning service with a bad name",
    source: `${NET} DeviceProvisioningClientTest CreateFailure`,
    request: put(`${DEVICES}/provisioningServices/1%C3%B1-name!!!`, "2017-11-15", withProperties({})),
    status: 400,
    code: 400305,
    properties: {
      httpStatusCode: { is: "BadRequest" },
      message:
        / If you contact a support representative please include this correlation identifier: [0-9a-f-]{36}, timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ, errorcode: IH400305\.$/,
    },
  },
  {
    name: "PUT of a provisioning service with If-Match as older releases of az write it",
    source: `${CLI} 30 of 30, for a hub`,
    request: (earlier) =>
      put(DPS, V.dps, withProperties({}), {
        "if-match": `{'IF-MATCH': '${earlier("PATCH of a provisioning service's tags").etag}'}`,
      }),
    status: 201,
  },
  {
    name: "PUT of a provisioning service with a stale If-Match",
    source: `${CLI} test_iot_hub, for a hub`,
    request: put(DPS, V.dps, withProperties({}), { "if-match": STALE }),
    status: 412,
    code: 412001,
  },
  {
    name: "one key of a provisioning service",
    source: "specification: IotDpsResource_ListKeysForKeyName",
    request: post(`${DPS}/keys/provisioningserviceowner/listkeys`, V.dps),
    status: 200,
    properties: { keyName: { is: "provisioningserviceowner" }, rights: /EnrollmentWrite/, primaryKey: "string" },
  },
  {
    name: "PUT of a user-assigned identity for a provisioning service",
    source: `${CLI} test_dps_identity_lifecycle`,
    request: put(USER, V.identity, { location: "westeurope" }),
    status: 201,
    headers: { location: /^\/subscriptions\/.*\/resourcegroups\/rg\/providers\/.*\/user-more$/ },
  },
  {
    name: "PUT of a provisioning service with both kinds of identity",
    source: `${CLI} test_dps_identity_lifecycle`,
    request: put(
      DPS,
      V.dps2023,
      withProperties(
        {},
        { ...hub, identity: { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { [USER]: {} } } },
      ),
    ),
    status: 201,
    properties: { "identity.type": { is: "SystemAssigned, UserAssigned" }, "identity.principalId": GUID },
  },
  {
    name: "GET of a provisioning service with both kinds of identity",
    source: `${CLI} test_dps_identity_lifecycle`,
    request: get(DPS, V.dps2023),
    status: 200,
    properties: {
      "identity.userAssignedIdentities": /"clientId":"[0-9a-f-]{36}","principalId":"[0-9a-f-]{36}"/,
      "identity.tenantId": GUID,
    },
  },
  {
    name: "PUT of a provisioning service with data residency",
    source: "Azure documentation, IoT Hub Device Provisioning Service high availability and disaster recovery",
    request: put(RESIDENT, V.dps, { ...hub, location: "southeastasia", properties: { enableDataResidency: true } }),
    status: 201,
  },
  {
    name: "GET of a provisioning service with data residency says so",
    source: `${CLI} test_dps_lifecycle: absent unless it was set`,
    request: get(RESIDENT, V.dps),
    status: 200,
    properties: { "properties.enableDataResidency": true },
  },
  {
    name: "PUT of a certificate in PEM with two is of the first",
    source: `${CLI} test_dps_certificate_lifecycle`,
    request: (earlier) =>
      put(`${DPS}/certificates/two`, V.dps2023, { certificate: `${earlier("root")}${earlier("intermediate")}` }),
    status: 200,
    properties: { "properties.subject": /root/i },
  },
  {
    name: "verification code of a provisioning service's certificate of 2023",
    source: "guess",
    request: (earlier) =>
      post(`${DPS}/certificates/two/generateVerificationCode`, V.dps2023, undefined, {
        "if-match": earlier("PUT of a certificate in PEM with two is of the first").etag,
      }),
    status: 200,
    properties: { "properties.verificationCode": /^[0-9A-F]{48}$/, "properties.certificate": null },
    differs: "That 2021-10-15 returns the certificate is recorded; whether later api-versions do is not.",
  },
];

const GROUPS: readonly ConformanceRow[] = [
  {
    name: "GET of a group",
    source: `${NET} IotHubMiscTests`,
    request: get(GROUP, "2021-04-01"),
    status: 200,
    properties: {
      "": {
        is: {
          id: GROUP,
          name: "rg",
          type: "Microsoft.Resources/resourceGroups",
          location: "westeurope",
          properties: { provisioningState: "Succeeded" },
        },
      },
    },
  },
  {
    name: "HEAD of a group",
    source: `${CLI} test_hub_wait`,
    request: { ...get(GROUP, V.group), method: "HEAD" },
    status: 204,
    properties: { "": { is: "" } },
  },
  {
    name: "HEAD of a group that does not exist",
    source: "specification: ResourceGroups_CheckExistence",
    request: { ...get(`${SUBSCRIPTION}/resourceGroups/none`, V.group), method: "HEAD" },
    status: 404,
  },
];

/** Hubs, provisioning services and groups as recorded traffic has them, beside `managementTable.ts`. */
export const DEVICE_SERVICE_ROWS: readonly ConformanceRow[] = [...GROUPS, ...HUBS, ...CERTIFICATES, ...SERVICES];
