import { TENANT } from "../../cast/armHarness";
import type { ConformanceRequest, ConformanceRow, Form } from "./conformanceRow";
import { DEVICES, GROUP, get, hub, NET, put, withProperties } from "./managementRequests";
import { ENTRA } from "./serviceRequests";

const HUB = `${DEVICES}/IotHubs/hub-versions`;
const DPS = `${DEVICES}/provisioningServices/dps-versions`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-versions`;

const HUB_MODELS = "azure-mgmt-iothub 3.0.0, IotHubDescription and IotHubProperties of each api-version";
const DPS_MODELS = "azure-mgmt-iothubprovisioningservices 0.2.0, 1.1.0 and 2.0.0, IotDpsPropertiesDescription";
const VAULT_MODELS = "azure-mgmt-keyvault 10.3.1, VaultProperties of each api-version";

const KEPT =
  "A PUT of an older api-version does not change what that version does not know. Whether Azure resets such properties is not known.";

/** A member, and the api-versions before and since which a resource has it. */
interface Change {
  readonly path: string;
  readonly before: string;
  readonly since: string;
  readonly form: Form;
  readonly source: string;
  readonly differs?: string;
}

/** Two rows: an older api-version has not the member, a newer one has it. */
const rowsOf = (resource: string, label: string, { path, before, since, form, source, differs }: Change) =>
  (
    [
      [before, "absent"],
      [since, form],
    ] as const
  ).map(
    ([version, expected]): ConformanceRow => ({
      name: `GET of ${label} of ${version}: ${path}`,
      source,
      request: get(resource, version),
      status: 200,
      properties: { [path]: expected },
      differs,
    }),
  );

const change = (path: string, before: string, since: string, form: Form, source = HUB_MODELS): Change => ({
  path,
  before,
  since,
  form,
  source,
});

const HUB_CHANGES: readonly Change[] = [
  change("properties.locations", "2018-04-01", "2019-03-22", "array"),
  change("properties.routing.enrichments", "2019-03-22", "2019-07-01-preview", "array"),
  change("properties.minTlsVersion", "2019-11-04", "2020-03-01", { is: "1.2" }),
  change("properties.publicNetworkAccess", "2019-11-04", "2020-03-01", { is: "Enabled" }),
  change(
    "identity",
    "2019-07-01-preview",
    "2021-07-02",
    { is: { type: "None" } },
    `azure-cli iot recordings, hybrid_2020_09_01 test_certificate_lifecycle; ${NET} IotHubMiscTests`,
  ),
  change("properties.networkRuleSets", "2020-03-01", "2021-03-31", "object"),
  change("properties.disableLocalAuth", "2021-03-31", "2021-07-01", false),
  change("properties.disableDeviceSAS", "2021-03-31", "2021-07-01", true),
  change("properties.disableModuleSAS", "2021-03-31", "2021-07-01", true),
  change("properties.restrictOutboundNetworkAccess", "2021-03-31", "2021-07-01", false),
  change(
    "properties.allowedFqdnList",
    "2019-07-01-preview",
    "2021-07-02",
    { is: [] },
    `azure-cli iot recordings, hybrid_2020_09_01 test_certificate_lifecycle; ${NET} IotHubMiscTests`,
  ),
  change(
    "systemData.createdAt",
    "2019-07-01-preview",
    "2021-07-02",
    /^\d{4}-/,
    `azure-cli iot recordings, hybrid_2020_09_01 test_certificate_lifecycle; ${NET} IotHubMiscTests`,
  ),
  change("properties.enableDataResidency", "2021-07-01", "2021-07-02", false),
  change("properties.rootCertificate", "2023-06-30", "2023-06-30-preview", "object"),
  change("properties.deviceStreams", "2019-11-04", "2019-07-01-preview", "object"),
  change("properties.encryption", "2021-03-31", "2021-03-03-preview", "object"),
  change("properties.ipVersion", "2022-04-30-preview", "2022-11-15-preview", { is: "ipv4" }),
  change("properties.routing.endpoints.cosmosDBSqlContainers", "2021-07-02", "2023-06-30", { is: [] }),
];

const DPS_CHANGES: readonly Change[] = [
  change("properties.ipFilterRules", "2018-01-22", "2020-03-01", { is: [] }, DPS_MODELS),
  change("properties.publicNetworkAccess", "2018-01-22", "2020-03-01", { is: "Enabled" }, DPS_MODELS),
  change("properties.enableDataResidency", "2020-03-01", "2021-10-15", false, DPS_MODELS),
  change(
    "systemData",
    "2022-02-05",
    "2023-03-01-preview",
    "object",
    `${NET} DeviceProvisionServiceTests AddRemoveTag, without it; specification: ProvisioningServiceDescription`,
  ),
  change(
    "identity.principalId",
    "2022-12-12",
    "2023-03-01-preview",
    "string",
    "specification: ProvisioningServiceDescription; azure-cli iot recordings: test_dps_identity_lifecycle",
  ),
  change("properties.disableLocalAuth", "2022-12-12", "2026-08-31", true, DPS_MODELS),
];

const AUTHOR = { by: TENANT.clientId, type: "Application", at: "2026-03-01T12:00:00.000Z" };
const AUTHORED = {
  ...{ createdBy: AUTHOR.by, createdByType: AUTHOR.type, createdAt: AUTHOR.at },
  ...{ lastModifiedBy: AUTHOR.by, lastModifiedByType: AUTHOR.type, lastModifiedAt: AUTHOR.at },
};

const VAULT_CHANGES: readonly Change[] = [
  change("properties.enableRbacAuthorization", "2018-02-14", "2019-09-01", false, VAULT_MODELS),
  change(
    "systemData",
    "2019-09-01",
    "2021-06-01-preview",
    { is: AUTHORED },
    `${VAULT_MODELS}; azure-cli keyvault recordings, test_keyvault_public_network_access`,
  ),
  change("properties.softDeleteRetentionInDays", "2018-02-14", "2019-09-01", 90, VAULT_MODELS),
  change("properties.publicNetworkAccess", "2019-09-01", "2021-06-01-preview", { is: "Enabled" }, VAULT_MODELS),
];

/** Management responses that follow the request's api-version. */
export const MANAGEMENT_VERSION_ROWS: readonly ConformanceRow[] = [
  {
    name: "PUT of a hub with everything that later api-versions have",
    source: HUB_MODELS,
    request: put(
      HUB,
      "2023-06-30-preview",
      withProperties({
        minTlsVersion: "1.2",
        publicNetworkAccess: "Enabled",
        networkRuleSets: { applyToBuiltInEventHubEndpoint: false, ipRules: [] },
        disableLocalAuth: false,
        disableDeviceSAS: true,
        disableModuleSAS: true,
        restrictOutboundNetworkAccess: false,
        enableDataResidency: false,
        deviceStreams: { streamingEndpoints: [] },
        encryption: { keySource: "Microsoft.KeyVault" },
        ipVersion: "ipv4",
        routing: { enrichments: [{ key: "a", value: "b", endpointNames: ["events"] }] },
      }),
    ),
    status: 201,
  },
  ...HUB_CHANGES.flatMap((each) => rowsOf(HUB, "a hub", each)),
  {
    name: "PUT of a hub of 2019-03-22, which does not know the security switches",
    source: "guess",
    request: put(HUB, "2019-03-22", withProperties({ disableDeviceSAS: false, routing: {} })),
    status: 201,
    properties: { "properties.disableDeviceSAS": "absent", "properties.routing.enrichments": "absent" },
    differs: KEPT,
  },
  {
    name: "GET of a hub after a PUT of 2019-03-22: the security switches stay",
    source: "guess",
    request: get(HUB, "2023-06-30"),
    status: 200,
    properties: {
      "properties.disableDeviceSAS": true,
      "properties.minTlsVersion": { is: "1.2" },
      "properties.routing.enrichments": { is: [{ key: "a", value: "b", endpointNames: ["events"] }] },
    },
    differs: KEPT,
  },
  {
    name: "PUT of a provisioning service with everything that later api-versions have",
    source: DPS_MODELS,
    request: put(
      DPS,
      "2026-08-31",
      withProperties(
        { ipFilterRules: [], publicNetworkAccess: "Enabled", enableDataResidency: false, disableLocalAuth: true },
        { ...hub, identity: { type: "SystemAssigned" } },
      ),
    ),
    status: 201,
  },
  ...DPS_CHANGES.flatMap((each) => rowsOf(DPS, "a provisioning service", each)),
  {
    name: "PUT of a provisioning service of 2021-10-15, which does not know its identity",
    source: "guess",
    request: put(DPS, "2021-10-15", withProperties({}, { ...hub, identity: { type: "None" } })),
    status: 201,
    properties: { identity: "absent" },
    differs: KEPT,
  },
  {
    name: "GET of a provisioning service after a PUT of 2021-10-15: its identity stays",
    source: "guess",
    request: get(DPS, "2026-08-31"),
    status: 200,
    properties: { "identity.type": { is: "SystemAssigned" }, "properties.disableLocalAuth": true },
    differs: KEPT,
  },
  {
    name: "PUT of a vault of an old api-version",
    source: VAULT_MODELS,
    request: put(VAULT, "2018-02-14", {
      location: "westeurope",
      properties: { tenantId: TENANT.tenantId, sku: { family: "A", name: "standard" }, accessPolicies: [] },
    }),
    status: 200,
    properties: { "properties.softDeleteRetentionInDays": "absent" },
  },
  {
    name: "GET of a vault that no request made one of roles",
    source: "azure-cli keyvault recordings, test_keyvault_public_network_access",
    request: get(VAULT, "2021-06-01-preview"),
    status: 200,
    properties: { "properties.enableRbacAuthorization": "absent", "properties.accessPolicies": { is: [] } },
  },
  {
    name: "PUT of an existing vault, without roles",
    source: "azure-cli keyvault recordings: 98 of 98 PUTs return 200",
    request: put(VAULT, "2023-02-01", {
      location: "westeurope",
      properties: {
        tenantId: TENANT.tenantId,
        sku: { family: "A", name: "standard" },
        accessPolicies: [],
        enableRbacAuthorization: false,
      },
    }),
    status: 200,
    properties: { "properties.enableRbacAuthorization": false },
  },
  ...VAULT_CHANGES.flatMap((each) => rowsOf(VAULT, "a vault", each)),
];

const SDK_MODELS = "azure-iot-hub 2.2.1 (2020-03) and 2.6.1 (2021-04-12), Device and Twin";

const registry = (method: string, path: string, apiVersion: string, body?: object): ConformanceRequest => ({
  method,
  path,
  apiVersion,
  headers: ENTRA,
  body,
});
const GATEWAY = registry("PUT", "/devices/gateway", "2021-04-12", {
  deviceId: "gateway",
  capabilities: { iotEdge: true },
});

/** Responses of the registry that follow the request's api-version. */
export const REGISTRY_VERSION_ROWS: readonly ConformanceRow[] = (
  [
    ["an Edge device", "GET", "/devices/gateway", "parentScopes"],
    ["a list of devices", "GET", "/devices", "0.parentScopes"],
    ["the twin of an Edge device", "GET", "/twins/gateway", "parentScopes"],
    ["a query of twins", "POST", "/devices/query", "0.parentScopes"],
  ] as const
).flatMap(([what, method, path, member]) =>
  (
    [
      ["2020-03-13", "absent"],
      ["2021-04-12", "array"],
    ] as const
  ).map(
    ([version, form]): ConformanceRow => ({
      name: `${what}, in ${version}: ${member}`,
      source: SDK_MODELS,
      before: [GATEWAY],
      request: registry(method, path, version, method === "POST" ? { query: "SELECT * FROM devices" } : undefined),
      status: 200,
      properties: { [member]: form, [member.replace("parentScopes", "deviceScope")]: "string" },
    }),
  ),
);

const KEY_MODELS =
  "azure-keyvault-keys 4.7.0 and 4.9.0, KeyAttributes of each api-version; azure-sdk-for-js recordings of keyvault-keys, 7.2";
const SECRET_MODELS = "azure-keyvault-secrets 4.6.0, SecretAttributes of each api-version";
const CERTIFICATE_MODELS = "azure-keyvault-certificates 4.6.0, CertificateAttributes of each api-version";
const at = (method: string, path: string, apiVersion: string, body?: object): ConformanceRequest => ({
  method,
  path,
  apiVersion,
  body,
});
const KEY = at("POST", "/keys/k/create", "7.5", { kty: "EC" });
const SECRET = at("PUT", "/secrets/s", "7.5", { value: "v" });
const POLICY = { issuer: { name: "Self" }, x509_props: { subject: "CN=device-01" } };
const CERTIFICATE_OF_VAULT = at("POST", "/certificates/c/create", "7.5", { policy: POLICY });

const VAULT_OBJECT_CHANGES: readonly (readonly [
  what: string,
  before: readonly ConformanceRequest[],
  path: string,
  member: string,
  old: string,
  since: string,
  form: Form,
  source: string,
  differs?: string,
])[] = [
  ["a key", [KEY], "/keys/k", "attributes.recoverableDays", "7.0", "7.1", 90, KEY_MODELS],
  ["a key", [KEY], "/keys/k", "attributes.exportable", "7.2", "7.3", false, KEY_MODELS],
  [
    "a key",
    [KEY],
    "/keys/k",
    "attributes.hsmPlatform",
    "7.4",
    "7.5",
    { is: "0" },
    `${KEY_MODELS}; Azure documentation, a log of a software key`,
    "That the key's response has the same number as the log is a guess.",
  ],
  ["a list of keys", [KEY], "/keys", "value.0.attributes.recoverableDays", "2016-10-01", "7.1", 90, KEY_MODELS],
  ["a list of keys", [KEY], "/keys", "value.0.attributes.exportable", "7.2", "7.3", false, KEY_MODELS],
  ["a secret", [SECRET], "/secrets/s", "attributes.recoverableDays", "7.0", "7.1", 90, SECRET_MODELS],
  [
    "a deleted secret",
    [SECRET, at("DELETE", "/secrets/s", "7.5")],
    "/deletedsecrets/s",
    "attributes.recoverableDays",
    "7.0",
    "7.1",
    90,
    SECRET_MODELS,
  ],
  [
    "a certificate",
    [CERTIFICATE_OF_VAULT],
    "/certificates/c",
    "attributes.recoverableDays",
    "7.0",
    "7.1",
    90,
    CERTIFICATE_MODELS,
  ],
];

/** Responses of Key Vault that follow the request's api-version. */
export const VAULT_VERSION_ROWS: readonly ConformanceRow[] = VAULT_OBJECT_CHANGES.flatMap(
  ([what, before, path, member, old, since, form, source, differs]) =>
    (
      [
        [old, "absent"],
        [since, form],
      ] as const
    ).map(
      ([version, expected]): ConformanceRow => ({
        name: `${what}, in ${version}: ${member}`,
        source,
        before,
        request: at("GET", path, version),
        status: 200,
        properties: { [member]: expected, [member.replace(/attributes\.\w+$/, "attributes.recoveryLevel")]: "string" },
        differs: expected === "absent" ? undefined : differs,
      }),
    ),
);
