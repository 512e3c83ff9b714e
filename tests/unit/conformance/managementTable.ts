import { TENANT } from "../../cast/armHarness";
import { MANAGEMENT_VERSION_ROWS } from "./apiVersionTable";
import type { ConformanceRow, Earlier } from "./conformanceRow";
import { DEVICE_SERVICE_ROWS } from "./deviceServiceTable";
import {
  CERTIFICATE,
  CLI,
  DEVICES,
  DPS,
  ENVIRONMENT,
  FREE_HUB,
  free,
  GROUP,
  GUID,
  get,
  HUB,
  hub,
  JOB,
  NET,
  post,
  put,
  remove,
  STALE,
  SUBSCRIPTION,
  USER,
  V,
  VAULT,
  withProperties,
} from "./managementRequests";

const privateEndpoint = (status: string) => ({
  properties: { privateLinkServiceConnectionState: { status, description: "by the owner" } },
});

const many = <T>(count: number, make: (name: string) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(`n-${at}`));
const route = (name: string) => ({ name, source: "DeviceMessages", endpointNames: ["events"], isEnabled: true });

const HUBS: readonly ConformanceRow[] = [
  {
    name: "PUT of a group in another form of its region",
    source: `${NET} DeviceProvisioningClientTest UpdateSku`,
    request: put(`${SUBSCRIPTION}/resourceGroups/rg-2`, V.group, { location: "West Europe" }),
    status: 201,
    properties: { location: { is: "westeurope" } },
  },
  {
    name: "PUT of a group",
    source: `${CLI} test_dps_lifecycle`,
    request: put(GROUP, V.group, { location: "westeurope" }),
    status: 201,
  },
  {
    name: "PUT of a new hub with an ETag in the body: no precondition, and echoed",
    source: `${NET} iothub TestIotHubUpdateLifeCycle`,
    request: put(HUB, V.hub, { ...hub, etag: STALE, properties: { routing: { routes: [] } } }),
    status: 201,
    properties: {
      etag: { is: STALE },
      "properties.provisioningState": { is: "Accepted" },
      "properties.state": { is: "Activating" },
      "properties.features": { is: "None" },
      "properties.cloudToDevice.maxDeliveryCount": { is: 10 },
      "properties.routing.fallbackRoute.name": { is: "$fallback" },
      "properties.routing.endpoints.serviceBusQueues": { is: [] },
      "properties.hostName": "absent",
    },
  },
  {
    name: "PUT of a hub in 2023 says no state",
    source: `${CLI} test_hub_wait`,
    request: put(HUB, V.hubPreview, hub),
    status: 201,
    properties: {
      "properties.state": "absent",
      "properties.provisioningState": { is: "Accepted" },
      "properties.allowedFqdnList": { is: [] },
    },
  },
  {
    name: "GET of a hub",
    source: `${CLI} test_certificate_lifecycle; ${NET} IotHubMiscTests GetIotHubUserSubscriptionQuota`,
    request: get(HUB, V.hub),
    status: 200,
    properties: {
      etag: /^AAAA/,
      identity: { is: { type: "None" } },
      "properties.state": { is: "Active" },
      "properties.eventHubEndpoints.events.path": /^.{25}$/,
      "properties.eventHubEndpoints.events.partitionIds": { is: ["0", "1", "2", "3"] },
      "properties.routing.routes": { is: [] },
      "properties.allowedFqdnList": { is: [] },
      systemData: /^\{"createdAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"\}$/,
      resourcegroup: { is: "rg" },
    },
  },
  {
    name: "GET of a hub in 2023 has more",
    source: `${CLI} test_hub_wait`,
    request: get(HUB, V.hubPreview),
    status: 200,
    properties: {
      systemData: /^\{"createdAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"\}$/,
      "properties.rootCertificate": "object",
      "properties.allowedFqdnList": { is: [] },
    },
  },
  {
    name: "PUT of a hub with If-Match as older releases of az write it",
    source: `${CLI} 30 of 30`,
    request: (earlier: Earlier) =>
      put(HUB, V.hub, hub, { "if-match": `{'IF-MATCH': '${earlier("GET of a hub in 2023 has more").etag}'}` }),
    status: 201,
  },
  {
    name: "PUT of a hub with a stale If-Match",
    source: `${CLI} test_iot_hub`,
    request: put(HUB, V.hub, hub, { "if-match": `{'IF-MATCH': '${STALE}'}` }),
    status: 412,
    code: 412001,
    properties: { httpStatusCode: { is: "PreconditionFailed" } },
  },
  {
    name: "an error of a hub in 2023-06-30-preview has its status as a number",
    source: `${CLI} 2023-06-30-preview`,
    request: put(HUB, V.hubPreview, hub, { "if-match": STALE }),
    status: 412,
    code: 412001,
    properties: { httpStatusCode: { is: 412 } },
  },
  {
    name: "PUT of a free hub with four partitions",
    source: `${CLI} 400016`,
    request: put(FREE_HUB, V.hub, withProperties({ eventHubEndpoints: { events: { partitionCount: 4 } } }, free)),
    status: 400,
    code: 400016,
    properties: { message: /must be between 2 and 2/ },
  },
  {
    name: "PUT of a hub with 33 partitions",
    source: "guess, by the recorded kind 400016",
    request: put(`${HUB}-2`, V.hub, withProperties({ eventHubEndpoints: { events: { partitionCount: 33 } } })),
    status: 400,
    code: 400016,
  },
  { name: "PUT of a free hub", source: `${CLI} test_iot_hub`, request: put(FREE_HUB, V.hub, free), status: 201 },
  {
    name: "GET of a free hub has two partitions",
    source: `${CLI} 400016`,
    request: get(FREE_HUB, V.hub),
    status: 200,
    properties: { "properties.eventHubEndpoints.events.partitionCount": { is: 2 } },
  },
  {
    name: "PUT of a hub with an unknown minimum TLS version",
    source: `${CLI} 400089`,
    request: put(HUB, V.hub, withProperties({ minTlsVersion: "2.5" })),
    status: 400,
    code: 400089,
  },
  {
    name: "PUT of a hub with an enrichment to an undefined endpoint",
    source: `${CLI} 400131`,
    request: put(
      HUB,
      V.hub,
      withProperties({ routing: { enrichments: [{ key: "a", value: "b", endpointNames: ["none"] }] } }),
    ),
    status: 400,
    code: 400131,
  },
  {
    name: "PUT of a hub with a route to an undefined endpoint",
    source: "guess, by the recorded kind 400131",
    request: put(
      HUB,
      V.hub,
      withProperties({
        routing: { routes: [{ name: "r", source: "DeviceMessages", endpointNames: ["none"], isEnabled: true }] },
      }),
    ),
    status: 400,
    code: 400131,
  },
  {
    name: "PUT of a hub with an endpoint of its own: it gets an ID",
    source: `${CLI} test_iot_hub, 2023`,
    request: put(
      HUB,
      V.hub2023,
      withProperties({
        routing: {
          endpoints: {
            eventHubs: [
              { name: "own", connectionString: "Endpoint=sb://a;SharedAccessKeyName=n;SharedAccessKey=k;EntityPath=e" },
            ],
          },
          routes: [{ name: "r", source: "DeviceMessages", endpointNames: ["own"], isEnabled: true }],
        },
      }),
    ),
    status: 201,
    properties: { "properties.routing.endpoints.eventHubs.0.id": GUID },
    differs:
      "Routes are evaluated, but only the built-in endpoint gets messages: a message to another one is lost, and the log says so.",
  },
  {
    name: "GET of a hub with an endpoint of its own masks its key",
    source: "Azure PowerShell, Get-AzIotHubRoutingEndpoint; terraform-provider-azurerm#13890",
    request: get(HUB, V.hub2023),
    status: 200,
    properties: {
      "properties.routing.endpoints.eventHubs.0.connectionString": {
        is: "Endpoint=sb://a;SharedAccessKeyName=n;SharedAccessKey=****;EntityPath=e",
      },
    },
    differs: "Azure also writes the port into it (`sb://a:5671/`), and brings the parts of others into its own order.",
  },
  {
    name: "PUT of a hub with the mask of its endpoint's key",
    source: "azure-cli, iot hub routing-endpoint, which reads, changes and writes",
    request: (earlier) => {
      const { routing } = earlier("GET of a hub with an endpoint of its own masks its key").properties;
      return put(HUB, V.hub2023, withProperties({ routing }));
    },
    status: 201,
  },
  {
    name: "PUT of a hub with a mask without a stored key",
    source: "guess",
    request: put(
      HUB,
      V.hub2023,
      withProperties({
        routing: {
          endpoints: { eventHubs: [{ name: "new", connectionString: "Endpoint=sb://a;SharedAccessKey=****" }] },
        },
      }),
    ),
    status: 400,
    code: 400004,
    differs: "Azure tries the connection and refuses it with the code of that; the local Azure connects to nothing.",
  },
  {
    name: "PUT of a second free hub",
    source: "MicrosoftLearning/DP-900T00A-Azure-Data-Fundamentals#6",
    request: put(`${FREE_HUB}-2`, V.hub, free),
    status: 400,
    code: 400019,
    properties: { message: /^Max number of Iot Hubs exceeded for sku = Free, Max Allowed = 1, Current = 2 / },
  },
  ...[
    ["a free hub as a paid one", FREE_HUB, "S1", 1],
    ["a paid hub as a free one", HUB, "F1", 1],
    ["a standard hub as a basic one", HUB, "B1", 1],
    ["a hub with more units than its tier has", HUB, "S3", 11],
  ].map(
    ([what, path, name, capacity]): ConformanceRow => ({
      name: `PUT of ${what}`,
      source: "Azure documentation, How to upgrade your IoT hub; IoT Hub quotas and throttling",
      request: put(String(path), V.hub, { ...hub, sku: { name, capacity } }),
      status: 400,
      code: 400004,
      differs: "Azure refuses it; the code is a guess.",
    }),
  ),
  ...Object.entries({
    "eleven endpoints": {
      endpoints: { eventHubs: many(11, (name) => ({ name, connectionString: "Endpoint=sb://a" })) },
    },
    "101 routes": { routes: many(101, route) },
    "two routes of one name": { routes: [route("a"), route("a")] },
    "an endpoint with a reserved name": { endpoints: { eventHubs: [{ name: "events", connectionString: "a" }] } },
  }).map(
    ([what, routing]): ConformanceRow => ({
      name: `PUT of a hub with ${what}`,
      source: "specification: RoutingProperties, RouteProperties, RoutingEventHubProperties",
      request: put(HUB, V.hub2023, withProperties({ routing })),
      status: 400,
      code: 400004,
      differs: "The limits and rules are documented; the code is a guess.",
    }),
  ),
  ...Object.entries({
    "a time to live of 59 seconds": { cloudToDevice: { defaultTtlAsIso8601: "PT59S" } },
    "a time to live of 49 hours": { cloudToDevice: { defaultTtlAsIso8601: "P2DT1H" } },
    "a lock of feedback of 4 seconds": { cloudToDevice: { feedback: { lockDurationAsIso8601: "PT4S" } } },
    "a lock of notifications of 301 seconds": {
      messagingEndpoints: { fileNotifications: { lockDurationAsIso8601: "PT301S" } },
    },
    "a signature of uploads of 25 hours": {
      storageEndpoints: { $default: { connectionString: "", containerName: "", sasTtlAsIso8601: "PT25H" } },
    },
    "a negative time to live": { cloudToDevice: { feedback: { ttlAsIso8601: "-PT1H" } } },
  }).map(
    ([what, properties]): ConformanceRow => ({
      name: `PUT of a hub with ${what}`,
      source:
        "Azure documentation, Cloud-to-device configuration options; File upload notification configuration options",
      request: put(HUB, V.hub2023, withProperties(properties)),
      status: 400,
      code: 400004,
      differs: "The ranges are documented; the code is a guess.",
    }),
  ),
  {
    name: "PUT of a hub with the longest times",
    source: "Azure documentation, Cloud-to-device configuration options",
    request: put(
      HUB,
      V.hub2023,
      withProperties({
        cloudToDevice: {
          defaultTtlAsIso8601: "P2D",
          maxDeliveryCount: 100,
          feedback: { lockDurationAsIso8601: "PT5M", ttlAsIso8601: "PT48H", maxDeliveryCount: 1 },
        },
      }),
    ),
    status: 201,
  },
  {
    name: "PUT of a hub with its location in another form",
    source: `${NET} DeviceProvisioningClientTest UpdateSku, for a provisioning service`,
    request: put(HUB, V.hub, { ...hub, location: "West Europe" }),
    status: 201,
    properties: { location: { is: "West Europe" } },
  },
  {
    name: "GET of a hub has its location as it was written",
    source: `${NET} DeviceProvisioningClientTest UpdateSku, for a provisioning service`,
    request: get(HUB, V.hub),
    status: 200,
    properties: { location: { is: "West Europe" }, "properties.locations.0.location": { is: "West Europe" } },
  },
  {
    name: "PUT of a hub with data residency in a region without it",
    source: `${CLI} 400059`,
    request: put(HUB, V.hub, withProperties({ enableDataResidency: true })),
    status: 400,
    code: 400059,
  },
  {
    name: "keys of a hub",
    source: `${CLI} test_iot_hub`,
    request: post(`${HUB}/listkeys`, V.hub),
    status: 200,
    properties: {
      "value.0.rights": { is: "RegistryWrite, ServiceConnect, DeviceConnect" },
      "value.3.rights": { is: "RegistryRead" },
      "value.4.rights": { is: "RegistryWrite" },
    },
  },
  {
    name: "PUT of a consumer group",
    source: `${CLI} test_iot_hub`,
    request: put(`${HUB}/eventHubEndpoints/events/ConsumerGroups/group-1`, V.hub, { properties: { name: "group-1" } }),
    status: 200,
    properties: { etag: null, "properties.name": "absent", "properties.created": "string" },
  },
  {
    name: "statistics of a hub",
    source: `${CLI} IotHubStats`,
    request: get(`${HUB}/IotHubStats`, V.hub),
    status: 200,
    properties: { "": { is: { totalDeviceCount: 0, enabledDeviceCount: 0, disabledDeviceCount: 0 } } },
  },
  {
    name: "quota metrics of a hub",
    source: `${CLI} test_iot_hub`,
    request: get(`${HUB}/quotaMetrics`, V.hub),
    status: 200,
    properties: {
      "value.0": { is: { name: "TotalMessages", currentValue: 0, maxValue: 400_000 } },
      "value.1.name": { is: "TotalDeviceCount" },
    },
  },
  {
    name: "usages of the subscription",
    source: `${NET} IotHubMiscTests GetIotHubUserSubscriptionQuota`,
    request: get(`${SUBSCRIPTION}/providers/Microsoft.Devices/usages`, V.hub),
    status: 200,
    properties: {
      "value.0": {
        is: {
          ...{ id: null, type: null, unit: "count", currentValue: 1, limit: 1 },
          name: { value: "freeIotHubCount", localizedValue: "Free Iot Hub Count" },
        },
      },
      "value.1": {
        is: {
          ...{ id: null, type: null, unit: "count", currentValue: 1, limit: 50 },
          name: { value: "paidIotHubCount", localizedValue: "Paid Iot Hub Count" },
        },
      },
      "value.2": "absent",
    },
  },
  {
    name: "operations of Microsoft.Devices",
    source: `${NET} operations`,
    request: get("/providers/Microsoft.Devices/operations", V.hub),
    status: 200,
    properties: { "value.0.name": /^Microsoft\.Devices\//, "value.0.display.provider": { is: "Microsoft Devices" } },
    differs: "Only the operations of the emulated resource types are listed.",
  },
  {
    name: "failover of a hub to its paired region",
    source: "specification: IotHub – Manual Failover",
    request: post(`${HUB}/failover`, V.hub, { failoverRegion: "northeurope" }),
    status: 202,
    differs: "The regions change their roles at once, and devices stay connected.",
  },
  {
    name: "GET of a hub after a failover",
    source: "specification: IotHubLocationDescription",
    request: get(HUB, V.hub),
    status: 200,
    properties: {
      "properties.locations": {
        is: [
          { location: "North Europe", role: "primary" },
          { location: "West Europe", role: "secondary" },
        ],
      },
    },
  },
  {
    name: "failover of a hub to another region",
    source: "guess",
    request: post(`${HUB}/failover`, V.hub, { failoverRegion: "eastus" }),
    status: 400,
    code: 400004,
  },
  ...["DeviceMessages", "TwinChangeEvents"].map(
    (routingSource): ConformanceRow => ({
      name: `test of all routes with messages of ${routingSource} that meet none`,
      source: "azure-iot-cli-extension, tests/iothub/message_endpoint/test_iothub_message_route_int.py",
      request: post(`${HUB}/routing/routes/$testall`, V.hub, { routingSource }),
      status: 200,
      properties: { "routes.0.properties.name": /^\$fallback$/ },
    }),
  ),
  {
    name: "test of a route",
    source: `${CLI} test_iot_hub`,
    request: post(`${HUB}/routing/routes/$testnew`, V.hub, {
      message: { body: '{"temperature": 40}' },
      route: {
        name: "r",
        source: "DeviceMessages",
        condition: "$body.temperature > 30",
        endpointNames: ["events"],
        isEnabled: true,
      },
    }),
    status: 200,
    properties: { result: { is: "true" }, "details.compilationErrors": { is: [] } },
  },
  {
    name: "test of a route with an invalid condition",
    source: "Azure REST API, Iot Hub Resource – Test Route",
    request: post(`${HUB}/routing/routes/$testnew`, V.hub, {
      route: { name: "r", source: "DeviceMessages", condition: "a =", endpointNames: ["events"], isEnabled: true },
    }),
    status: 200,
    properties: { result: { is: "undefined" }, "details.compilationErrors.0.severity": { is: "error" } },
    differs: "Message and place of the error are those of the local Azure's parser.",
  },
  {
    name: "jobs of a hub",
    source: `${CLI} test_iot_hub`,
    request: get(`${HUB}/jobs`, V.hub),
    status: 200,
    properties: { value: { is: [] } },
  },
  {
    name: "exportDevices of a hub without storage",
    source: `${CLI} test_iot_hub`,
    request: post(`${HUB}/exportDevices`, V.hub, {
      exportBlobContainerUri: "https://a.blob.core.windows.net/devices?sig=a",
      excludeKeys: true,
    }),
    status: 501,
    code: "NotEmulated",
    differs: "The local Azure has no storage of its own: with Azurite, the devices are exported.",
  },
  {
    name: "exportDevices of a hub without a container",
    source: "Azure REST API, Iot Hub Resource – Export Devices",
    request: post(`${HUB}/exportDevices`, V.hub, { excludeKeys: true }),
    status: 400,
    code: 400004,
  },
];

const HUB_CERTIFICATES: readonly ConformanceRow[] = [
  {
    name: "PUT of a hub's certificate",
    source: `${CLI} test_certificate_lifecycle`,
    request: (earlier) => put(CERTIFICATE, V.hub, { properties: { certificate: earlier("root") } }),
    status: 200,
    properties: {
      type: { is: "Microsoft.Devices/IotHubs/Certificates" },
      "properties.isVerified": { is: false },
      "properties.thumbprint": /^[0-9A-F]{40}$/,
      "properties.certificate": /^-----BEGIN CERTIFICATE-----/,
    },
  },
  {
    name: "list of a hub's certificates",
    source: `${CLI} test_certificate_lifecycle`,
    request: get(`${HUB}/certificates`, V.hub),
    status: 200,
    properties: { "value.0.name": { is: "root" }, "value.0.properties.certificate": /^MII/ },
  },
  {
    name: "verification code of a hub's certificate without If-Match",
    source: "azure-cli#13098",
    request: post(`${CERTIFICATE}/generateVerificationCode`, V.hub),
    status: 412,
    code: 412001,
  },
  {
    name: "verification code of a hub's certificate",
    source: `${CLI} test_certificate_lifecycle`,
    request: (earlier) =>
      post(`${CERTIFICATE}/generateVerificationCode`, V.hub, undefined, {
        "if-match": earlier("PUT of a hub's certificate").etag,
      }),
    status: 200,
    properties: {
      "properties.verificationCode": /^[0-9A-F]{48}$/,
      "properties.certificate": /^MII/,
      etag: "string",
    },
  },
  {
    name: "verify of a hub's certificate with a certificate that proves nothing",
    source: "azure-cli#5376",
    request: (earlier) =>
      post(
        `${CERTIFICATE}/verify`,
        V.hub,
        { certificate: earlier("intermediate") },
        { "if-match": earlier("verification code of a hub's certificate").etag },
      ),
    status: 400,
    code: 400053,
  },
  {
    name: "DELETE of a hub's certificate",
    source: `${CLI} test_certificate_lifecycle`,
    request: (earlier) =>
      remove(CERTIFICATE, V.hub, { "if-match": earlier("verification code of a hub's certificate").etag }),
    status: 200,
  },
  {
    name: "GET of a hub's certificate that was deleted",
    source: `${CLI} test_certificate_lifecycle`,
    request: get(CERTIFICATE, V.hub),
    status: 404,
    code: 404015,
  },
];

const IDENTITIES: readonly ConformanceRow[] = [
  {
    name: "PUT of a user-assigned identity",
    source: `${CLI} test_dps_identity_lifecycle`,
    request: put(USER, V.identity, { location: "westeurope" }),
    status: 201,
    properties: {
      id: /\/resourcegroups\/rg\//,
      tags: { is: {} },
      "properties.tenantId": { is: TENANT.tenantId },
      "properties.principalId": GUID,
      "properties.clientId": GUID,
    },
  },
  {
    name: "PUT of a hub with both kinds of identity",
    source: `${CLI} test_identity_hub`,
    request: put(HUB, V.hub, {
      ...hub,
      identity: { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { [USER]: {} } },
    }),
    status: 201,
    properties: { "identity.principalId": GUID, "identity.tenantId": { is: TENANT.tenantId } },
  },
  {
    name: "GET of a hub with both kinds of identity",
    source: `${CLI} test_identity_hub`,
    request: get(HUB, V.hub),
    status: 200,
    properties: {
      "identity.type": { is: "SystemAssigned, UserAssigned" },
      "identity.userAssignedIdentities": /"clientId":"[0-9a-f-]{36}","principalId":"[0-9a-f-]{36}"/,
    },
  },
  {
    name: "PUT of a hub with an identity that does not exist",
    source: "guess, by public reports of FailedIdentityOperation",
    request: put(HUB, V.hub, {
      ...hub,
      identity: { type: "UserAssigned", userAssignedIdentities: { [`${USER}0`]: {} } },
    }),
    status: 400,
    code: "FailedIdentityOperation",
  },
  {
    name: "PATCH of a hub removes a user-assigned identity",
    source: "azure-native: PATCH with null",
    request: {
      ...put(HUB, V.hub, { identity: { type: "SystemAssigned", userAssignedIdentities: { [USER]: null } } }),
      method: "PATCH",
    },
    status: 200,
    properties: { "identity.type": { is: "SystemAssigned" }, "identity.userAssignedIdentities": "absent" },
  },
  {
    name: "PUT of a hub with no identity any more",
    source: `${CLI} test_identity_hub`,
    request: put(HUB, V.hub, { ...hub, identity: { type: "None" } }),
    status: 201,
    properties: { identity: { is: { type: "None" } } },
  },
  {
    name: "PUT of a provisioning service with a system-assigned identity",
    source: `${CLI} test_dps_identity_lifecycle`,
    request: put(`${DEVICES}/provisioningServices/dps-2`, V.dps2023, { ...hub, identity: { type: "SystemAssigned" } }),
    status: 201,
    properties: { "identity.principalId": GUID, "identity.tenantId": { is: TENANT.tenantId } },
  },
  {
    name: "DELETE of a user-assigned identity",
    source: "specification: User Assigned Identities",
    request: remove(USER, V.identity),
    status: 200,
  },
  ...[
    ["IoT Hub Data Contributor", "4fc6c259-987e-4a07-842e-c321cc9d413f", ["Microsoft.Devices/IotHubs/*"]],
    [
      "IoT Hub Data Reader",
      "b447c946-2db7-41ec-983d-d8bf3b1c77e3",
      ["Microsoft.Devices/IotHubs/*/read", "Microsoft.Devices/IotHubs/fileUpload/notifications/action"],
    ],
    ["IoT Hub Registry Contributor", "4ea46cd5-c1b2-4a8e-910b-273211f9ce47", ["Microsoft.Devices/IotHubs/devices/*"]],
    ["IoT Hub Twin Contributor", "494bdba2-168f-4f31-a0a1-191d2f7c028c", ["Microsoft.Devices/IotHubs/twins/*"]],
    [
      "Device Provisioning Service Data Contributor",
      "dfce44e4-17b7-4bd1-a6d1-04996ec95633",
      ["Microsoft.Devices/provisioningServices/*"],
    ],
    [
      "Device Provisioning Service Data Reader",
      "10745317-c249-44a1-a5ce-3a4353c0bbd8",
      ["Microsoft.Devices/provisioningServices/*/read"],
    ],
  ].map(
    ([role, id, dataActions]): ConformanceRow => ({
      name: `role ${String(role)}`,
      source: "Azure built-in roles for Internet of Things",
      request: get(
        `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions?$filter=${encodeURIComponent(`roleName eq '${String(role)}'`)}`,
        V.roles,
      ),
      status: 200,
      properties: {
        "value.0.name": { is: id },
        "value.0.properties.permissions.0.actions": { is: [] },
        "value.0.properties.permissions.0.dataActions": { is: dataActions },
      },
    }),
  ),
];

const RIGHTS: readonly ConformanceRow[] = [
  {
    name: "an api-version that is no date",
    source: "Azure Resource Manager: common deployment errors",
    request: get(GROUP, "banana"),
    status: 400,
    code: "InvalidApiVersionParameter",
  },
  ...[
    `${SUBSCRIPTION}/resourceGroups`,
    `${SUBSCRIPTION}/resources`,
    `${GROUP}/resources`,
    `${SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults`,
    `${GROUP}/providers/Microsoft.KeyVault/vaults`,
  ].flatMap((path) =>
    ["$top=0", "$top=-1", "$top=many", "$skiptoken=AAAA"].map(
      (query): ConformanceRow => ({
        name: `list of ${path.slice(SUBSCRIPTION.length + 1)} with ${query}`,
        source: "guess",
        request: get(`${path}?${query}`, V.group),
        status: 400,
        code: "InvalidQueryParameterValue",
        differs: "The code is a guess: no response of Azure is on record.",
      }),
    ),
  ),
  {
    name: "list of resource groups, the first one",
    source: "specification: ResourceGroups_List, $top",
    request: get(`${SUBSCRIPTION}/resourceGroups?$top=1`, V.group),
    status: 200,
    properties: { "value.0.name": "string", "value.1": "absent" },
  },
  {
    name: "list of resource groups of a tag that none has",
    source: "azure-cli: az group list --tag sends $filter",
    request: get(`${SUBSCRIPTION}/resourceGroups?$filter=tagName%20eq%20'none'`, V.group),
    status: 200,
    properties: { value: { is: [] } },
  },
  {
    name: "permissions of the application at the subscription",
    source: "specification: Permissions",
    request: get(`${SUBSCRIPTION}/providers/Microsoft.Authorization/permissions`, V.roles),
    status: 200,
    properties: { "value.0.actions": { is: ["*"] }, "value.0.dataActions": { is: ["Microsoft.Devices/*"] } },
    differs:
      "Everyone who signs in owns the control plane, and the application also the data of hubs and provisioning services; in Azure each needs a role assignment.",
  },
  {
    name: "role assignment to a principal that does not exist",
    source: "public reports of PrincipalNotFound",
    request: put(
      `${GROUP}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-9000-000000000001`,
      V.roles,
      {
        properties: {
          roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/dfce44e4-17b7-4bd1-a6d1-04996ec95633`,
          principalId: "00000000-0000-4000-9000-000000000002",
        },
      },
    ),
    status: 201,
    differs:
      "Any object ID can be assigned a role, so that principals of the real tenant can stay in the program; Azure refuses an unknown one with 400 PrincipalNotFound.",
  },
];

const SERVICES: readonly ConformanceRow[] = [
  {
    name: "PUT of a provisioning service with an ETag in the body",
    source: `${NET} SharedAccessPolicyTests ListCreateDelete, UpdateSku`,
    request: put(DPS, V.dps, { ...hub, location: "WestEurope", sku: { name: "S1", capacity: 2 }, etag: STALE }),
    status: 201,
    properties: {
      location: { is: "WestEurope" },
      "sku.capacity": { is: 2 },
      etag: { is: STALE },
      "properties.state": { is: "Activating" },
      "properties.idScope": null,
      "properties.allocationPolicy": { is: "Hashed" },
    },
  },
  {
    name: "GET of a provisioning service",
    source: `${CLI} test_dps_lifecycle; ${NET} UpdateSku`,
    request: get(DPS, V.dps),
    status: 200,
    properties: {
      location: { is: "WestEurope" },
      systemData: "absent",
      "properties.idScope": /^0ne[0-9A-F]{8}$/,
      "properties.enableDataResidency": "absent",
      "properties.iotHubs": { is: [] },
      identity: "absent",
    },
  },
  {
    name: "keys of a provisioning service",
    source: `${CLI} test_dps_lifecycle`,
    request: post(`${DPS}/listkeys`, V.dps),
    status: 200,
    properties: {
      "value.0.keyName": { is: "provisioningserviceowner" },
      "value.0.rights": /^(?=.*ServiceConfig)(?=.*EnrollmentWrite)(?=.*DeviceConnect)[^R]*$/,
    },
  },
  {
    name: "GET of a provisioning service in 2023 has the time of its creation",
    source: `${CLI} test_hub_wait, for a hub`,
    request: get(DPS, V.dps2023),
    status: 200,
    properties: { systemData: /^\{"createdAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"\}$/ },
    differs: "Recorded of hubs only: that provisioning services have the same members is a guess.",
  },
  {
    name: "PUT of a provisioning service with a hub in capitals and a weight above 1000",
    source: `${NET} LinkedHubsTests CreateAndDelete`,
    request: (earlier) => {
      const { primaryKey } = earlier("keys of a hub").value[0];
      const link = {
        connectionString: `HostName=HUB-with-a-name-of-thirty-ch.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey}`,
        location: "westeurope",
        allocationWeight: 2000,
      };
      return put(DPS, V.dps, withProperties({ iotHubs: [link] }));
    },
    status: 201,
    properties: {
      "properties.idScope": null,
      "properties.state": { is: "Transitioning" },
      "properties.iotHubs.0.allocationWeight": { is: 2000 },
      "properties.iotHubs.0.name": { is: "HUB-with-a-name-of-thirty-ch.azure-devices.net" },
      "properties.iotHubs.0.connectionString": /^HostName=HUB-with.*;SharedAccessKey=\*\*\*\*$/,
    },
  },
  {
    name: "GET of a service linked by key, in an api-version that knows identities",
    source: "azure-iot-cli-extension, test_dps_linked_hub (KeyBased: name, hostName, authenticationType)",
    request: get(DPS, V.dps2026),
    status: 200,
    properties: {
      "properties.iotHubs.0.authenticationType": { is: "KeyBased" },
      "properties.iotHubs.0.hostName": { is: "HUB-with-a-name-of-thirty-ch.azure-devices.net" },
    },
  },
  {
    name: "PUT of a service linked by its system-assigned identity, in place of a key",
    source: "azure-iot-cli-extension, iot_dps_linked_hub_update; azure-rest-api-specs 2026-08-31 DPSCreateWithIotHub",
    request: put(
      DPS,
      V.dps2026,
      withProperties(
        {
          iotHubs: [
            {
              hostName: "hub-with-a-name-of-thirty-ch.azure-devices.net",
              authenticationType: "SystemAssigned",
              connectionString: "",
              location: "westeurope",
            },
          ],
        },
        { ...hub, identity: { type: "SystemAssigned" } },
      ),
    ),
    status: 201,
    properties: {
      "properties.iotHubs.0.name": { is: "hub-with-a-name-of-thirty-ch.azure-devices.net" },
      "properties.iotHubs.0.authenticationType": { is: "SystemAssigned" },
      "properties.iotHubs.0.connectionString": { is: "" },
    },
  },
  {
    name: "GET of a service linked by identity, in an api-version that does not know identities",
    source: "guess",
    request: get(DPS, V.dps),
    status: 200,
    properties: {
      "properties.iotHubs.0.authenticationType": "absent",
      "properties.iotHubs.0.connectionString": { is: "" },
    },
    differs: "How an older api-version returns a link by identity is not known.",
  },
  {
    name: "PUT that an older api-version has read: the link by identity stays",
    source: "guess",
    request: put(
      DPS,
      V.dps,
      withProperties(
        { iotHubs: [{ connectionString: "", location: "westeurope" }] },
        { ...hub, identity: { type: "SystemAssigned" } },
      ),
    ),
    status: 201,
    properties: { "properties.iotHubs.0.name": { is: "hub-with-a-name-of-thirty-ch.azure-devices.net" } },
    differs: "Whether an older api-version accepts a link without a key is not known.",
  },
  {
    name: "PUT of a service linked by an identity that it has not",
    source: "azure-iot-cli-extension checks the identity before it sends the link; the service's code is a guess",
    request: put(
      DPS,
      V.dps2026,
      withProperties(
        {
          iotHubs: [
            {
              hostName: "hub-with-a-name-of-thirty-ch.azure-devices.net",
              authenticationType: "SystemAssigned",
              location: "westeurope",
            },
          ],
        },
        { ...hub, identity: { type: "None" } },
      ),
    ),
    status: 400,
    code: 400004,
    differs: "The code of the refusal is not known.",
  },
  {
    name: "PUT of a provisioning service with data residency in a region without it",
    source: `${CLI} 400309`,
    request: put(DPS, V.dps, withProperties({ enableDataResidency: true })),
    status: 400,
    code: 400309,
  },
  {
    name: "PUT of a certificate in PEM with two: the first is taken",
    source: `${CLI} test_dps_certificate_lifecycle`,
    request: (earlier) =>
      put(`${DPS}/certificates/two`, V.dps, { certificate: `${earlier("root")}${earlier("intermediate")}` }),
    status: 200,
    properties: { "properties.isVerified": { is: false }, "properties.certificate": null },
  },
  {
    name: "verification code of a provisioning service's certificate, with the certificate",
    source: `${CLI} test_dps_certificate_lifecycle`,
    request: (earlier) =>
      post(`${DPS}/certificates/two/generateVerificationCode`, V.dps, undefined, {
        "if-match": `{'IF-MATCH': '${earlier("PUT of a certificate in PEM with two: the first is taken").etag}'}`,
      }),
    status: 200,
    properties: { "properties.verificationCode": /^[0-9A-F]{48}$/, "properties.certificate": /^MII/ },
  },
  {
    name: "DELETE of a provisioning service",
    source: `${CLI} test_dps_lifecycle`,
    request: remove(`${DEVICES}/provisioningServices/dps-2`, V.dps),
    status: 202,
    properties: { "": null },
  },
  {
    name: "operation result below a provisioning service that is unknown",
    source: `${NET} operationResults`,
    request: get(`${DPS}/operationresults/none?asyncinfo=true`, V.dps),
    status: 404,
  },
];

const VAULTS: readonly ConformanceRow[] = [
  {
    name: "PUT of a new vault",
    source: "azure-cli keyvault recordings: 98 of 98",
    request: put(VAULT, V.vault, {
      location: "westeurope",
      properties: {
        tenantId: TENANT.tenantId,
        sku: { family: "A", name: "standard" },
        accessPolicies: [],
        networkAcls: { bypass: "AzureServices", defaultAction: "Allow" },
      },
    }),
    status: 200,
    properties: {
      "properties.enabledForDeployment": { is: false },
      "properties.networkAcls": "absent",
      "properties.enableSoftDelete": { is: true },
    },
  },
  ...[
    [HUB, V.hub],
    [DPS, V.dps],
    [VAULT, V.vault],
  ].flatMap(([resource = "", version = ""]): ConformanceRow[] => {
    const connection = `${resource}/privateEndpointConnections/c-1`;
    const type = resource.split("/").at(-2) ?? "";
    const source = `azure-cli network recordings: private endpoints of ${type}`;
    const isVault = type === "vaults";
    return [
      {
        name: `private link resources of ${type}`,
        source,
        request: get(`${resource}/privateLinkResources`, version),
        status: 200,
        properties: {
          "value.0.properties.groupId": "string",
          "value.0.properties.requiredMembers": "array",
          "value.0.properties.requiredZoneNames": "array",
        },
      },
      {
        name: `approval of a private endpoint connection of ${type}`,
        source,
        request: put(connection, version, privateEndpoint("Approved")),
        status: 200,
        properties: {
          "properties.provisioningState": { is: "Succeeded" },
          "properties.privateLinkServiceConnectionState.status": { is: "Approved" },
        },
        differs:
          "There are no private endpoints: PUT makes a connection that does not exist, and connections have no effect.",
      },
      {
        name: `rejection of a private endpoint connection of ${type}`,
        source,
        request: put(connection, version, privateEndpoint("Rejected")),
        status: 200,
      },
      {
        name: `GET of a private endpoint connection of ${type}`,
        source,
        request: get(connection, version),
        status: 200,
        properties: { "properties.privateLinkServiceConnectionState.status": { is: "Rejected" } },
      },
      {
        name: `list of private endpoint connections of ${type}`,
        source: "specification: an array of hubs and services, an object with value of vaults",
        request: get(`${resource}/privateEndpointConnections`, version),
        status: 200,
        properties: { "": isVault ? "object" : "array" },
      },
      {
        name: `GET of one of ${type} with a private endpoint connection`,
        source: `specification: privateEndpointConnections of ${type}`,
        request: get(resource, version),
        status: 200,
        properties: { "properties.privateEndpointConnections.0.name": { is: "c-1" } },
      },
      {
        name: `DELETE of a private endpoint connection of ${type}`,
        source,
        request: remove(connection, version),
        status: 200,
      },
    ];
  }),
  { name: "DELETE of a vault", source: "azure-cli keyvault recordings", request: remove(VAULT, V.vault), status: 200 },
  {
    name: "GET of a deleted vault has whole seconds",
    source: "azure-cli keyvault recordings: test_keyvault_softdelete",
    request: get(`${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/vault-1`, V.vault),
    status: 200,
    properties: {
      "properties.deletionDate": /T\d\d:\d\d:\d\dZ$/,
      "properties.scheduledPurgeDate": /T\d\d:\d\d:\d\dZ$/,
    },
  },
  {
    name: "purge of a deleted vault has no body",
    source: "azure-cli keyvault recordings: test_keyvault_softdelete",
    request: post(
      `${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/vault-1/purge`,
      V.vault,
    ),
    status: 202,
    properties: { "": { is: "" } },
  },
];

const JOBS_SOURCE = "azure-cli containerapp recordings: test_containerapp_manualjob_crudoperations_e2e";
const job = {
  location: "eastus",
  properties: {
    environmentId: ENVIRONMENT,
    configuration: {
      triggerType: "Manual",
      replicaTimeout: 200,
      replicaRetryLimit: 2,
      manualTriggerConfig: { replicaCompletionCount: 1, parallelism: 1 },
    },
    template: {
      containers: [
        {
          name: "job-1",
          image: "mcr.microsoft.com/k8se/quickstart-jobs:latest",
          resources: { cpu: 0.25, memory: "0.5Gi" },
        },
      ],
    },
  },
};

const JOBS: readonly ConformanceRow[] = [
  {
    name: "PUT of a Container Apps job",
    source: JOBS_SOURCE,
    before: [put(ENVIRONMENT, V.apps, { location: "eastus" })],
    request: put(JOB, V.apps, job),
    status: 201,
    headers: {
      "azure-asyncoperation":
        /\/providers\/Microsoft\.App\/locations\/eastus\/containerappsjobOperationStatuses\/[^/]+\?/,
    },
  },
  {
    name: "GET of a Container Apps job",
    source: JOBS_SOURCE,
    request: get(JOB, V.apps),
    status: 200,
    properties: {
      type: { is: "Microsoft.App/jobs" },
      "identity.type": { is: "None" },
      "properties.provisioningState": { is: "Succeeded" },
      "properties.configuration.manualTriggerConfig": { is: { replicaCompletionCount: 1, parallelism: 1 } },
      "properties.configuration.secrets": "absent",
      "properties.workloadProfileName": "absent",
    },
    differs:
      'Azure writes null for what is not set, a location as "East US", the default workload profile, and a URL of the job\'s events.',
  },
  {
    name: "start of a Container Apps job",
    source: "Azure REST API Jobs - Start: 200 or 202 with the execution's name and ID",
    request: post(`${JOB}/start`, V.apps),
    status: 501,
    code: "NotEmulated",
    differs: "Azure starts an execution; the local Azure runs no containers.",
  },
  {
    name: "list of a job's executions",
    source: "Azure REST API Jobs Executions - List",
    request: get(`${JOB}/executions`, V.apps),
    status: 200,
    properties: { value: { is: [] } },
  },
];

/** What Azure answers to management requests: recorded, specified, or guessed, as each row says. */
export const MANAGEMENT_TABLE: readonly ConformanceRow[] = [
  ...HUBS,
  ...HUB_CERTIFICATES,
  ...IDENTITIES,
  ...RIGHTS,
  ...SERVICES,
  ...VAULTS,
  ...JOBS,
  ...DEVICE_SERVICE_ROWS,
  ...MANAGEMENT_VERSION_ROWS,
];
