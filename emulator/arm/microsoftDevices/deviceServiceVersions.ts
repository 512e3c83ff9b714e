import type { MemberVersions } from "../../kernel/memberVersions";

/**
 * Members of hubs by api-version: azure-mgmt-iothub 3.0.0, which has a model of each version. `systemData` and
 * `allowedFqdnList` are recorded (azure-sdk-for-net, IotHubMiscTests), and that 2019-07-01-preview has no `identity` is, too
 * (azure-cli, hybrid_2020_09_01).
 */
export const HUB_VERSIONS: MemberVersions = Object.freeze({
  stable: {
    "2019-03-22": ["properties.locations"],
    "2019-07-01": ["properties.routing.enrichments"],
    "2020-03-01": [
      "properties.minTlsVersion",
      "properties.privateEndpointConnections",
      "properties.publicNetworkAccess",
    ],
    "2021-03-03": ["identity", "properties.networkRuleSets"],
    "2021-07-01": [
      "properties.allowedFqdnList",
      "properties.disableDeviceSAS",
      "properties.disableLocalAuth",
      "properties.disableModuleSAS",
      "properties.restrictOutboundNetworkAccess",
    ],
    "2021-07-02": ["systemData", "properties.enableDataResidency"],
    "2023-06-30": ["properties.routing.endpoints.cosmosDBSqlContainers"],
  },
  previews: {
    "2019-07-01": ["properties.deviceStreams"],
    "2021-03-03": ["properties.encryption"],
    "2022-04-30": ["properties.rootCertificate"],
    "2022-11-15": ["properties.ipVersion"],
  },
});

/**
 * Members of provisioning services by api-version: azure-mgmt-iothubprovisioningservices 0.2.0, 1.1.0 and 2.0.0, and the
 * specification of 2022-12-12. That 2021-10-15 and 2022-02-05 have no `systemData` is recorded (azure-cli `test_dps_lifecycle.yaml`;
 * azure-sdk-for-net, DeviceProvisionServiceTests).
 */
export const PROVISIONING_SERVICE_VERSIONS: MemberVersions = Object.freeze({
  stable: {
    "2020-03-01": [
      "properties.ipFilterRules",
      "properties.privateEndpointConnections",
      "properties.publicNetworkAccess",
    ],
    "2021-10-15": ["properties.enableDataResidency"],
    "2023": ["identity", "systemData"],
    "2026-08-31": ["properties.disableLocalAuth"],
  },
});
