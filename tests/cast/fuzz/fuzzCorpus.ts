import { createHash, generateKeyPairSync } from "node:crypto";
import {
  ARM_HOST,
  GLOBAL_DEVICE_ENDPOINT,
  GRAPH_HOST,
  hubHost,
  LOGIN_HOST,
  serviceHost,
  vaultHost,
} from "../../../azure/hosts";
import { rsaKey } from "../rsaKeys";
import type { FuzzContext } from "./fuzzContext";
import type { FuzzedService } from "./fuzzRoutes";

/** Host names of the services; the control and machine listeners have none. */
export const HOSTS: Readonly<Record<FuzzedService, string>> = Object.freeze({
  arm: ARM_HOST,
  entra: LOGIN_HOST,
  graph: GRAPH_HOST,
  dpsDevice: GLOBAL_DEVICE_ENDPOINT,
  dps: serviceHost("dps-1"),
  hub: hubHost("hub-1"),
  vault: vaultHost("vault-1"),
  control: "127.0.0.1",
  machine: "127.0.0.1",
});

type Parameters = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

const OWNER_ROLE = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/** The name of a role assignment at the place that an operation's name has in brackets. */
const assignmentName = (scope: string): string =>
  `00000000-0000-4000-8000-${Buffer.from(scope).toString("hex").slice(-12)}`;
const SCOPES = ["subscription", "resource group", "resource", "part of a resource", "container of blobs"];

/** Values of path parameters by service. */
export const PARAMETERS: Readonly<Record<FuzzedService, (world: FuzzContext) => Parameters>> = Object.freeze({
  arm: ({ ready, seen }) => ({
    subscriptionId: ready.subscriptionId,
    resourceGroupName: "rg-1",
    resourceName: "hub-1",
    namespace: "Microsoft.Devices",
    type: "IotHubs",
    keyName: "iothubowner",
    eventHubEndpointName: "events",
    name: "group-1",
    certificateName: "root",
    kind: "add",
    location: "westeurope",
    vaultName: "vault-2",
    roleAssignmentName: assignmentName("subscription"),
    roleDefinitionName: OWNER_ROLE,
    childType: "providers-child",
    childName: "child-1",
    containerName: "container-1",
    operationId: seen.get("operation arm") ?? "x",
  }),
  entra: ({ ready }) => ({ tenant: ready.tenantId }),
  graph: ({ ready }) => ({ id: ready.objectId }),
  machine: () => ({}),
  dpsDevice: ({ seen }) => ({
    idScope: seen.get("idScope") ?? "x",
    id: "device-1",
    operationId: seen.get("operation dps") ?? "x",
  }),
  dps: ({ seen }) => ({
    idScope: seen.get("idScope") ?? "x",
    id: "group-1",
    operationId: seen.get("operation dps") ?? "x",
  }),
  hub: () => ({
    deviceId: "device-1",
    moduleId: "module-1",
    jobId: "job-1",
    configurationId: "configuration-1",
    lockToken: "x",
    correlationId: "MjAy",
    componentPath: "thermostat1",
    commandName: "reboot",
  }),
  vault: ({ seen }) => ({ name: "key-1", version: seen.get("version key-1") ?? "x" }),
  control: () => ({ hub: "hub-1" }),
});

/** Query parameters by service. */
export const QUERIES: Readonly<Record<FuzzedService, Parameters>> = Object.freeze({
  arm: { "api-version": "2023-06-30" },
  entra: {},
  graph: {},
  machine: { "api-version": "2019-08-01", resource: "https%3A%2F%2Fmanagement.azure.com" },
  dpsDevice: { "api-version": "2021-06-01" },
  dps: { "api-version": "2021-10-01" },
  hub: { "api-version": "2021-04-12" },
  vault: { "api-version": "7.5" },
  control: {},
});

/** More of a route's valid request: values of path parameters, query parameters and headers. */
interface Extras {
  readonly parameters?: (world: FuzzContext) => Parameters;
  readonly query?: Parameters;
  readonly headers?: (world: FuzzContext) => Parameters;
}

const named = (name: string): Extras => ({ parameters: () => ({ name }) });
const resource = (resourceName: string, more: Parameters = {}): Extras => ({
  parameters: () => ({ resourceName, ...more }),
});
const enrolled: Extras = { parameters: () => ({ id: "device-2" }) };
const etag = ({ seen }: FuzzContext): Parameters => ({ "if-match": seen.get("etag certificate") ?? "x" });
const provisioned = resource("dps-1");
const vaulted = resource("vault-1");
const vaultedKey = resource("vault-1", { name: "key-1" });
const vaultedSecret = resource("vault-1", { name: "secret-1" });
const latest = (name: string): Extras => ({
  parameters: ({ seen }) => ({ name, version: seen.get(`version ${name}`) ?? "x" }),
});
const rsa = latest("rsa-1");
const secret = latest("secret-1");
const certificate = latest("certificate-1");
const pending = named("certificate-2");
const assignmentAt = (scope: string): Extras => ({ parameters: () => ({ roleAssignmentName: assignmentName(scope) }) });
/** An update of what is there, once it is there. */
const current = (what: string): Pick<Extras, "headers"> => ({
  headers: ({ seen }): Parameters => (seen.has(what) ? { "if-match": "*" } : {}),
});
const filter = (text: string): Extras => ({ query: { $filter: encodeURIComponent(text) } });

/** Resources with private endpoints, by their type as operations' names have it in brackets. */
const LINKED = [
  ["Microsoft.Devices/IotHubs", "hub-1", "iotHub"],
  ["Microsoft.Devices/provisioningServices", "dps-1", "iotDps"],
  ["Microsoft.KeyVault/vaults", "vault-1", "vault"],
] as const;
const LINK_OPERATIONS = [
  ...["Get", "List", "Update", "Delete"].map((verb) => `PrivateEndpointConnections_${verb}`),
  ...["Get", "List"].map((verb) => `PrivateLinkResources_${verb}`),
];
const identity = resource("identity-1");
const hubEtag = ({ seen }: FuzzContext): Parameters => ({ "if-match": seen.get("etag hub certificate") ?? "x" });

const STORED = ["Create", "GetProperties", "Update", "Delete"].map((verb) => `StorageAccounts_${verb}`);
const CONTAINED = ["Create", "Get", "Update", "Delete", "List"].map((verb) => `BlobContainers_${verb}`);
const PROTECTED = ["CreateOrUpdate", "Get", "Delete", "Lock", "Extend"].map(
  (verb) => `BlobContainers_${verb}ImmutabilityPolicy`,
);
const DEPLOYED = ["CreateOrUpdate", "Get", "Delete"];
const policyEtag = ({ seen }: FuzzContext): Parameters =>
  seen.has("etag policy") ? { "if-match": seen.get("etag policy") ?? "" } : {};

/** By operations' names without what is in brackets. */
export const EXTRAS: Readonly<Record<string, Extras>> = Object.freeze({
  Resources_List: filter("resourceType eq 'Microsoft.Devices/IotHubs'"),
  RoleAssignments_List: filter("principalId eq '00000000-0000-4000-8000-0000000000bb'"),
  RoleDefinitions_List: filter("roleName eq 'Reader'"),
  ServicePrincipal_List: filter("displayName eq 'x'"),
  Application_List: filter("appId eq '00000000-0000-4000-8000-0000000000bb'"),
  User_List: filter("startswith(displayName, 'x') or mail eq 'a@b.example'"),
  ...Object.fromEntries(
    SCOPES.flatMap((scope) =>
      ["Get", "Create", "Delete"].map((verb) => [
        `RoleAssignments_${verb} (${scope})`,
        scope === "container of blobs"
          ? resource("account1", { roleAssignmentName: assignmentName(scope) })
          : assignmentAt(scope),
      ]),
    ),
  ),
  ...Object.fromEntries(
    LINKED.flatMap(([type, resourceName, groupId]) =>
      LINK_OPERATIONS.map((name) => [
        `${name} (${type})`,
        resource(resourceName, { connectionName: "connection-1", groupId }),
      ]),
    ),
  ),
  ...Object.fromEntries([...STORED, ...CONTAINED].map((name) => [name, resource("account1")])),
  ...Object.fromEntries(PROTECTED.map((name) => [name, { ...resource("account1"), headers: policyEtag }])),
  ...Object.fromEntries(DEPLOYED.map((verb) => [`ManagedEnvironments_${verb}`, resource("environment-1")])),
  ...Object.fromEntries(DEPLOYED.map((verb) => [`ContainerApps_${verb}`, resource("app-1")])),
  ...Object.fromEntries(DEPLOYED.map((verb) => [`Jobs_${verb}`, resource("job-1")])),
  JobsExecutions_List: resource("job-1"),
  UserAssignedIdentities_CreateOrUpdate: identity,
  UserAssignedIdentities_Get: identity,
  UserAssignedIdentities_Update: identity,
  UserAssignedIdentities_Delete: identity,
  Certificates_CreateOrUpdate: current("etag hub certificate"),
  Certificates_Delete: { headers: hubEtag },
  Certificates_GenerateVerificationCode: { headers: hubEtag },
  Certificates_Verify: { headers: hubEtag },
  IotDpsResource_CreateOrUpdate: provisioned,
  IotDpsResource_Get: provisioned,
  IotDpsResource_Update: provisioned,
  IotDpsResource_Delete: provisioned,
  IotDpsResource_ListKeys: provisioned,
  IotDpsResource_ListKeysForKeyName: resource("dps-1", { keyName: "provisioningserviceowner" }),
  IotDpsResource_ListValidSkus: provisioned,
  DpsCertificate_List: provisioned,
  DpsCertificate_Get: provisioned,
  DpsCertificate_CreateOrUpdate: { ...provisioned, ...current("etag certificate") },
  DpsCertificate_Delete: { ...provisioned, headers: etag },
  DpsCertificate_GenerateVerificationCode: { ...provisioned, headers: etag },
  DpsCertificate_VerifyCertificate: { ...provisioned, headers: etag },
  Vaults_CreateOrUpdate: vaulted,
  Vaults_Update: vaulted,
  Vaults_Get: vaulted,
  Vaults_Delete: vaulted,
  Vaults_UpdateAccessPolicy: vaulted,
  Secrets_CreateOrUpdate: vaultedSecret,
  Secrets_Update: vaultedSecret,
  Secrets_Get: vaultedSecret,
  Secrets_List: vaulted,
  Keys_CreateIfNotExist: vaultedKey,
  Keys_Get: vaultedKey,
  Keys_List: vaulted,
  Keys_GetVersion: {
    parameters: ({ seen }) => ({ resourceName: "vault-1", name: "key-1", version: seen.get("version key-1") ?? "x" }),
  },
  Keys_ListVersions: vaultedKey,
  InstanceDiscovery: {
    query: {
      "api-version": "1.1",
      authorization_endpoint: "https%3A%2F%2Flogin.microsoftonline.com%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize",
    },
  },
  GetCloudMetadata: { query: { "api-version": "2022-09-01" } },
  IndividualEnrollment_Get: enrolled,
  IndividualEnrollment_CreateOrUpdate: { ...enrolled, ...current("enrollment") },
  EnrollmentGroup_CreateOrUpdate: current("group"),
  Devices_CreateOrUpdateIdentity: current("operation dps"),
  IndividualEnrollment_Delete: enrolled,
  IndividualEnrollment_GetAttestationMechanism: enrolled,
  ...Object.fromEntries(
    ["RegisterDevice", "OperationStatusLookup", "DeviceRegistrationStatusLookup"].map((verb) => [
      `RuntimeRegistration_${verb}`,
      { parameters: () => ({ id: "device-1" }) },
    ]),
  ),
  DeviceRegistrationState_Get: { parameters: () => ({ id: "device-1" }) },
  DeviceRegistrationState_Delete: { parameters: () => ({ id: "device-1" }) },
  Devices_DeleteIdentity: { headers: () => ({ "if-match": "*" }) },
  Modules_CreateOrUpdateIdentity: current("operation dps"),
  Modules_DeleteIdentity: { headers: () => ({ "if-match": "*" }) },
  Devices_GetDevices: { query: { top: "10" } },
  Query_GetTwins: { headers: () => ({ "x-ms-max-item-count": "10" }) },
  Device_SendDeviceEvent: { headers: () => ({ "iothub-app-kind": "fuzz", "iothub-messageid": "1" }) },
  EnrollmentGroup_Query: { headers: () => ({ "x-ms-max-item-count": "10" }) },
  GetDeletedKey: named("key-2"),
  RecoverDeletedKey: named("key-2"),
  PurgeDeletedKey: named("key-2"),
  Encrypt: rsa,
  Decrypt: rsa,
  WrapKey: rsa,
  UnwrapKey: rsa,
  ImportKey: named("key-3"),
  SetSecret: secret,
  GetSecret: secret,
  GetSecretVersions: secret,
  UpdateSecret: secret,
  DeleteSecret: secret,
  BackupSecret: secret,
  GetDeletedSecret: named("secret-2"),
  RecoverDeletedSecret: named("secret-2"),
  PurgeDeletedSecret: named("secret-2"),
  GetSecrets: { query: { maxresults: "5" } },
  GetCertificate: certificate,
  UpdateCertificate: certificate,
  GetCertificateVersions: certificate,
  DeleteCertificate: certificate,
  BackupCertificate: certificate,
  GetCertificatePolicy: certificate,
  UpdateCertificatePolicy: certificate,
  CreateCertificate: certificate,
  ImportCertificate: named("certificate-5"),
  GetDeletedCertificate: named("certificate-3"),
  RecoverDeletedCertificate: named("certificate-3"),
  PurgeDeletedCertificate: named("certificate-3"),
  GetCertificateOperation: pending,
  UpdateCertificateOperation: pending,
  DeleteCertificateOperation: pending,
  MergeCertificate: pending,
  GetCertificateIssuer: named("issuer-1"),
  SetCertificateIssuer: named("issuer-1"),
  UpdateCertificateIssuer: named("issuer-1"),
  DeleteCertificateIssuer: named("issuer-1"),
  ListEvents: { query: { deviceId: "device-1" } },
});

/** Content types of bodies that are not just JSON. */
export const CONTENT_TYPES: Readonly<Record<string, string>> = Object.freeze({
  Token: "application/x-www-form-urlencoded",
  Token_V1: "application/x-www-form-urlencoded",
  Device_SendModuleEvent: "application/vnd.microsoft.iothub.json",
});

const tags = { made: "fuzz" };
const location = "westeurope";
const sku = { name: "S1", capacity: 1 };
const b64 = (text: string): string => Buffer.from(text).toString("base64url");
const DIGEST = createHash("sha256").update("x").digest("base64url");
const ecKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const rsaJwk = rsaKey().export({ format: "jwk" });
const policyOf = (issuer: string): Json => ({
  issuer: { name: issuer },
  key_props: { exportable: true, kty: "EC", crv: "P-256", reuse_key: false },
  secret_props: { contentType: "application/x-pem-file" },
  x509_props: {
    subject: "CN=device-1",
    validity_months: 6,
    sans: { dns_names: ["a.example"] },
    ekus: ["1.3.6.1.5.5.7.3.2"],
    key_usage: ["digitalSignature"],
  },
  lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "EmailContacts" } }],
  attributes: { enabled: true },
});
const attributes = { enabled: true, nbf: 1_700_000_000, exp: 1_900_000_000 };
const initialTwin = { tags: { site: "a" }, properties: { desired: { period: 5, nested: { a: 1 } } } };
const settings = {
  capabilities: { iotEdge: false },
  provisioningStatus: "enabled",
  reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
  allocationPolicy: "hashed",
  initialTwin,
  iotHubs: [hubHost("hub-1")],
};
const group = (world: FuzzContext, id: string): Json => ({
  enrollmentGroupId: id,
  attestation: {
    type: "x509",
    x509: { signingCertificates: { primary: { certificate: world.certificates.root.certificate.toPem() } } },
  },
  ...settings,
});
const individual = (id: string): Json => ({
  registrationId: id,
  deviceId: id,
  attestation: {
    type: "symmetricKey",
    symmetricKey: {
      primaryKey: Buffer.alloc(32, 1).toString("base64"),
      secondaryKey: Buffer.alloc(32, 2).toString("base64"),
    },
  },
  optionalDeviceInformation: { a: "b" },
  ...settings,
});
const vault = ({ ready }: FuzzContext): Json => ({
  location,
  tags,
  properties: {
    tenantId: ready.tenantId,
    sku: { family: "A", name: "standard" },
    accessPolicies: [
      {
        tenantId: ready.tenantId,
        objectId: ready.objectId,
        permissions: { keys: ["all", "purge"], secrets: ["all", "purge"], certificates: ["all", "purge"] },
      },
    ],
    enabledForDeployment: false,
    enabledForDiskEncryption: false,
    enabledForTemplateDeployment: false,
    enableSoftDelete: true,
    softDeleteRetentionInDays: 7,
    enableRbacAuthorization: false,
    publicNetworkAccess: "Enabled",
    networkAcls: {
      bypass: "AzureServices",
      defaultAction: "Allow",
      ipRules: [{ value: "20.1.0.0/16" }],
      virtualNetworkRules: [],
    },
  },
});
const use = (alg: string): Json => ({ alg, value: DIGEST });
const form = ({ ready }: FuzzContext): string =>
  new URLSearchParams({
    grant_type: "client_credentials",
    client_id: ready.clientId,
    client_secret: ready.clientSecret,
    scope: "https://management.azure.com/.default",
    resource: "https://management.azure.com",
  }).toString();

/** Bodies of valid requests, by operations' names without what is in brackets. A route without one is sent none. */
export const BODIES: Readonly<Record<string, (world: FuzzContext, parameters: Parameters) => unknown>> = Object.freeze({
  ResourceGroups_CreateOrUpdate: () => ({ location, tags, managedBy: "someone" }),
  ResourceGroups_Update: () => ({ tags }),
  IotHubResource_CreateOrUpdate: () => ({
    location,
    tags,
    sku,
    identity: { type: "None" },
    properties: {
      ipFilterRules: [{ filterName: "one", action: "Accept", ipMask: "10.0.0.0/8" }],
      minTlsVersion: "1.2",
      disableLocalAuth: false,
      disableDeviceSAS: false,
      disableModuleSAS: false,
      restrictOutboundNetworkAccess: false,
      allowedFqdnList: ["a.example"],
      publicNetworkAccess: "Enabled",
      networkRuleSets: {
        defaultAction: "Allow",
        applyToBuiltInEventHubEndpoint: false,
        ipRules: [{ filterName: "one", action: "Allow", ipMask: "10.0.0.0/8" }],
      },
      eventHubEndpoints: { events: { retentionTimeInDays: 1, partitionCount: 4 } },
      routing: {
        endpoints: { serviceBusQueues: [], serviceBusTopics: [], eventHubs: [], storageContainers: [] },
        routes: [
          { name: "one", source: "DeviceMessages", condition: "true", endpointNames: ["events"], isEnabled: true },
        ],
        fallbackRoute: {
          name: "$fallback",
          source: "DeviceMessages",
          condition: "true",
          endpointNames: ["events"],
          isEnabled: true,
        },
      },
      storageEndpoints: { $default: { sasTtlAsIso8601: "PT1H", connectionString: "", containerName: "" } },
      messagingEndpoints: {
        fileNotifications: { lockDurationAsIso8601: "PT1M", ttlAsIso8601: "PT1H", maxDeliveryCount: 10 },
      },
      enableFileUploadNotifications: false,
      cloudToDevice: {
        maxDeliveryCount: 10,
        defaultTtlAsIso8601: "PT1H",
        feedback: { lockDurationAsIso8601: "PT1M", ttlAsIso8601: "PT1H", maxDeliveryCount: 10 },
      },
      comments: "text",
      features: "None",
      enableDataResidency: false,
    },
  }),
  IotHubResource_Update: () => ({ tags }),
  IotHubResource_CheckNameAvailability: () => ({ name: "hub-9" }),
  IotHubResource_CreateEventHubConsumerGroup: (_, { name }) => ({ properties: { name } }),
  IotDpsResource_CreateOrUpdate: ({ seen }) => ({
    location,
    tags,
    sku,
    properties: {
      allocationPolicy: "Hashed",
      publicNetworkAccess: "Enabled",
      enableDataResidency: false,
      ipFilterRules: [{ filterName: "one", action: "Accept", ipMask: "10.0.0.0/8", target: "all" }],
      iotHubs: [
        {
          connectionString: `HostName=${hubHost("hub-1")};SharedAccessKeyName=iothubowner;SharedAccessKey=${seen.get("key hub")}`,
          location,
          allocationWeight: 1,
          applyAllocationPolicy: true,
          hostName: hubHost("hub-1"),
          authenticationType: "KeyBased",
        },
      ],
    },
  }),
  Certificates_CreateOrUpdate: ({ certificates }) => ({
    properties: {
      certificate: Buffer.from(certificates.root.certificate.toPem()).toString("base64"),
      isVerified: true,
    },
  }),
  Certificates_Verify: ({ certificates }) => ({ certificate: certificates.device.certificate.toPem() }),
  StorageAccounts_Create: () => ({
    location,
    tags,
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    properties: { allowBlobPublicAccess: true, minimumTlsVersion: "TLS1_2", networkAcls: { defaultAction: "Allow" } },
  }),
  StorageAccounts_Update: () => ({ tags, properties: { accessTier: "Cool" } }),
  StorageAccounts_CheckNameAvailability: () => ({ name: "account9", type: "Microsoft.Storage/storageAccounts" }),
  BlobContainers_Create: () => ({ properties: { publicAccess: "None", metadata: { a: "b" } } }),
  BlobContainers_Update: () => ({ properties: { metadata: { a: "b" } } }),
  BlobContainers_CreateOrUpdateImmutabilityPolicy: () => ({
    properties: { immutabilityPeriodSinceCreationInDays: 30, allowProtectedAppendWrites: false },
  }),
  BlobContainers_ExtendImmutabilityPolicy: () => ({ properties: { immutabilityPeriodSinceCreationInDays: 40 } }),
  ManagedEnvironments_CreateOrUpdate: () => ({
    location,
    tags,
    properties: { zoneRedundant: false, vnetConfiguration: { internal: true, infrastructureSubnetId: "/subnets/one" } },
  }),
  ContainerApps_CreateOrUpdate: ({ ready }) => ({
    location,
    tags,
    properties: {
      environmentId: `/subscriptions/${ready.subscriptionId}/resourceGroups/rg-1/providers/Microsoft.App/managedEnvironments/environment-1`,
      configuration: {
        ingress: { external: true, transport: "tcp", targetPort: 2222, exposedPort: 2222 },
        secrets: [{ name: "one", value: "secret" }],
      },
      template: {
        containers: [
          {
            name: "one",
            image: "registry.example/one:1",
            env: [{ name: "A", secretRef: "one" }],
            resources: { cpu: 0.5, memory: "1Gi" },
          },
        ],
        scale: { minReplicas: 1, maxReplicas: 1 },
      },
    },
  }),
  Jobs_CreateOrUpdate: ({ ready }) => ({
    location,
    tags,
    properties: {
      environmentId: `/subscriptions/${ready.subscriptionId}/resourceGroups/rg-1/providers/Microsoft.App/managedEnvironments/environment-1`,
      configuration: {
        triggerType: "Manual",
        replicaTimeout: 1800,
        replicaRetryLimit: 1,
        manualTriggerConfig: { parallelism: 2, replicaCompletionCount: 2 },
      },
      template: {
        containers: [{ name: "one", image: "registry.example/one:1", resources: { cpu: 0.5, memory: "1Gi" } }],
      },
    },
  }),
  UserAssignedIdentities_CreateOrUpdate: () => ({ location, tags }),
  UserAssignedIdentities_Update: () => ({ location, tags }),
  PrivateEndpointConnections_Update: () => ({
    properties: {
      privateEndpoint: { id: "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/privateEndpoints/z" },
      privateLinkServiceConnectionState: { status: "Approved", description: "text", actionsRequired: "None" },
    },
  }),
  IotDpsResource_Update: () => ({ tags }),
  IotDpsResource_CheckNameAvailability: () => ({ name: "dps-9" }),
  DpsCertificate_CreateOrUpdate: ({ certificates }) => ({
    properties: {
      certificate: Buffer.from(certificates.root.certificate.toPem()).toString("base64"),
      isVerified: true,
    },
  }),
  DpsCertificate_VerifyCertificate: ({ certificates }) => ({ certificate: certificates.device.certificate.toPem() }),
  Vaults_CreateOrUpdate: vault,
  Vaults_Update: ({ ready }) => ({ tags, properties: { tenantId: ready.tenantId, enabledForDeployment: true } }),
  Vaults_UpdateAccessPolicy: ({ ready }) => ({
    properties: {
      accessPolicies: [
        { tenantId: ready.tenantId, objectId: "00000000-0000-4000-8000-0000000000bb", permissions: { keys: ["get"] } },
      ],
    },
  }),
  Vaults_CheckNameAvailability: () => ({ name: "vault-9", type: "Microsoft.KeyVault/vaults" }),
  RoleAssignments_Create: ({ ready }) => ({
    properties: {
      roleDefinitionId: `/subscriptions/${ready.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${OWNER_ROLE}`,
      principalId: "00000000-0000-4000-8000-0000000000bb",
      principalType: "ServicePrincipal",
    },
  }),
  Secrets_CreateOrUpdate: () => ({ tags, properties: { value: "secret", contentType: "text/plain", attributes } }),
  Secrets_Update: () => ({ tags, properties: { value: "other", attributes } }),
  Keys_CreateIfNotExist: () => ({
    tags,
    properties: { kty: "EC", curveName: "P-256", keyOps: ["sign", "verify"], attributes: { enabled: true } },
  }),
  Token: form,
  Token_V1: form,
  DirectoryObject_GetByIds: ({ ready }) => ({ ids: [ready.objectId], types: ["user", "group", "servicePrincipal"] }),
  RuntimeRegistration_RegisterDevice: (_, { id }) => ({ registrationId: id, payload: { a: 1 } }),
  RuntimeRegistration_DeviceRegistrationStatusLookup: (_, { id }) => ({ registrationId: id }),
  EnrollmentGroup_CreateOrUpdate: (world, { id = "" }) => group(world, id),
  EnrollmentGroup_Query: () => ({ query: "SELECT * FROM enrollmentGroups" }),
  EnrollmentGroup_RunBulkOperation: (world) => ({ mode: "create", enrollmentGroups: [group(world, "group-9")] }),
  IndividualEnrollment_CreateOrUpdate: (_, { id = "" }) => individual(id),
  IndividualEnrollment_Query: () => ({ query: "SELECT * FROM enrollments WHERE registrationId = 'device-2'" }),
  IndividualEnrollment_RunBulkOperation: () => ({ mode: "create", enrollments: [individual("device-9")] }),
  DeviceRegistrationState_Query: () => ({ query: "SELECT *" }),
  Devices_CreateOrUpdateIdentity: (_, { deviceId }) => ({
    deviceId,
    status: "enabled",
    statusReason: "none",
    authentication: {
      type: "sas",
      symmetricKey: {
        primaryKey: Buffer.alloc(32, 1).toString("base64"),
        secondaryKey: Buffer.alloc(32, 2).toString("base64"),
      },
    },
    capabilities: { iotEdge: false },
  }),
  Modules_CreateOrUpdateIdentity: (_, { deviceId, moduleId }) => ({
    deviceId,
    moduleId,
    managedBy: "a",
    authentication: {
      type: "sas",
      symmetricKey: {
        primaryKey: Buffer.alloc(32, 1).toString("base64"),
        secondaryKey: Buffer.alloc(32, 2).toString("base64"),
      },
    },
  }),
  BulkRegistry_UpdateRegistry: () => [
    {
      id: "device-9",
      importMode: "createOrUpdate",
      status: "enabled",
      tags: { a: 1 },
      properties: { desired: { b: 2 } },
    },
  ],
  Service_BulkRegenerateDeviceKeys: () => ({ policyKey: "both", devices: [{ id: "device-9" }] }),
  Configuration_CreateOrUpdate: (_, { configurationId }) => ({
    id: configurationId,
    content: { deviceContent: { "properties.desired.a": { b: 1 } } },
    targetCondition: "tags.a = 1 OR deviceId IN ['device-1']",
    priority: 1,
    labels: { a: "b" },
    metrics: { queries: { one: "SELECT deviceId FROM devices WHERE tags.a = 1" } },
  }),
  Configuration_TestQueries: () => ({ targetCondition: "tags.a = 1", customMetricQueries: { one: "select *" } }),
  Configuration_ApplyOnEdgeDevice: () => ({
    modulesContent: { $edgeAgent: { "properties.desired": { a: 1 } }, $edgeHub: { "properties.desired": { b: 1 } } },
  }),
  Jobs_CreateScheduledJob: (_, { jobId }) => ({
    jobId,
    type: "scheduleUpdateTwin",
    queryCondition: "tags.a = 1 AND deviceId IN ['device-1']",
    updateTwin: { etag: "*", tags: { b: 1 }, properties: { desired: { c: 2 } } },
    startTime: "2026-03-01T12:00:00Z",
    maxExecutionTimeInSeconds: 60,
  }),
  Jobs_CreateImportExportJob: () => ({ type: "export", outputBlobContainerUri: "https://a.blob.core.windows.net/b" }),
  IotHubResource_ExportDevices: () => ({
    exportBlobContainerUri: "https://a.blob.core.windows.net/b?sig=a",
    excludeKeys: true,
  }),
  IotHubResource_ImportDevices: () => ({
    inputBlobContainerUri: "https://a.blob.core.windows.net/b?sig=a",
    outputBlobContainerUri: "https://a.blob.core.windows.net/b?sig=a",
  }),
  Modules_UpdateTwin: () => ({ tags: { a: { b: 1 } }, properties: { desired: { c: 2 } } }),
  Modules_ReplaceTwin: () => ({ tags: { a: 1 }, properties: { desired: { c: 2 } } }),
  Query_GetTwins: () => ({ query: "SELECT * FROM devices" }),
  Devices_UpdateTwin: () => ({ tags: { a: { b: 1 } }, properties: { desired: { c: 2, list: [1, "x"] } } }),
  Devices_ReplaceTwin: () => ({ tags: { a: 1 }, properties: { desired: { c: 2 } } }),
  Device_SendDeviceEvent: () => ({ temperature: 1 }),
  Device_CreateFileUploadSasUri: () => ({ blobName: "logs/today.txt" }),
  Device_UpdateFileUploadStatus: () => ({
    correlationId: "MjAy",
    isSuccess: true,
    statusCode: 200,
    statusDescription: "a",
  }),
  Device_UpdateFileUploadStatusByCorrelationId: () => ({ isSuccess: false, statusCode: 403, statusDescription: "a" }),
  Device_SendModuleEvent: () => [{ body: "a", base64Encoded: false, properties: { "iothub-app-a": "b" } }],
  DigitalTwin_UpdateDigitalTwin: () => [
    { op: "add", path: "/fanSpeed", value: 2 },
    { op: "add", path: "/thermostat1", value: { targetTemperature: 20, $metadata: {} } },
    { op: "remove", path: "/thermostat1/targetTemperature" },
  ],
  DigitalTwin_InvokeRootLevelCommand: () => ({ delay: 5 }),
  DigitalTwin_InvokeComponentCommand: () => null,
  Devices_InvokeMethod: () => ({
    methodName: "reboot",
    payload: { in: 5 },
    connectTimeoutInSeconds: 0,
    responseTimeoutInSeconds: 5,
    timeoutInSeconds: 5,
  }),
  Modules_InvokeMethod: () => ({ methodName: "reboot", payload: null, connectTimeoutInSeconds: "0" }),
  UpdateKey: () => ({ key_ops: ["sign", "verify"], attributes, tags }),
  UpdateKeyRotationPolicy: () => ({
    lifetimeActions: [{ trigger: { timeAfterCreate: "P6M" }, action: { type: "Rotate" } }],
    attributes: { expiryTime: "P1Y" },
  }),
  CreateKey: () => ({ kty: "EC", crv: "P-256", key_ops: ["sign", "verify"], attributes: { enabled: true }, tags }),
  ImportKey: (_, { name }) => ({
    key: name === "rsa-1" ? rsaJwk : { ...ecKey, key_ops: ["sign"] },
    attributes: { enabled: true },
    tags,
  }),
  RestoreKey: ({ seen }) => ({ value: seen.get("backup key") ?? "x" }),
  RestoreSecret: ({ seen }) => ({ value: seen.get("backup secret") ?? "x" }),
  RestoreCertificate: ({ seen }) => ({ value: seen.get("backup certificate") ?? "x" }),
  Encrypt: () => use("RSA-OAEP-256"),
  Decrypt: ({ seen }) => ({ alg: "RSA-OAEP-256", value: seen.get("sealed") ?? "x" }),
  WrapKey: () => use("RSA-OAEP-256"),
  UnwrapKey: ({ seen }) => ({ alg: "RSA-OAEP-256", value: seen.get("sealed") ?? "x" }),
  Sign: () => use("ES256"),
  Verify: ({ seen }) => ({ alg: "ES256", digest: DIGEST, value: seen.get("signature") ?? "x" }),
  GetRandomBytes: () => ({ count: 8 }),
  Release: () => ({ target: "x" }),
  SetSecret: () => ({ value: "secret", contentType: "text/plain", attributes, tags }),
  UpdateSecret: () => ({ contentType: "text/plain", attributes, tags }),
  CreateCertificate: (_, { name }) => ({
    policy: policyOf(name === "certificate-2" ? "Unknown" : "Self"),
    attributes: { enabled: true },
    tags,
  }),
  UpdateCertificate: () => ({ attributes: { enabled: true }, tags }),
  ImportCertificate: ({ certificates }) => ({
    value: certificates.devicePem + certificates.deviceKey,
    policy: { secret_props: { contentType: "application/x-pem-file" } },
    tags,
  }),
  UpdateCertificateOperation: () => ({ cancellation_requested: true }),
  MergeCertificate: ({ certificates }) => ({ x5c: [certificates.device.certificate.raw.toString("base64")], tags }),
  UpdateCertificatePolicy: () => policyOf("Self"),
  SetCertificateIssuer: () => ({
    provider: "DigiCert",
    credentials: { account_id: "account", pwd: b64("x") },
    org_details: { admin_details: [{ first_name: "A", last_name: "B", email: "a@b.example", phone: "1" }] },
    attributes: { enabled: true },
  }),
  UpdateCertificateIssuer: () => ({ provider: "DigiCert", attributes: { enabled: true } }),
  SetCertificateContacts: () => ({ contacts: [{ email: "a@b.example", name: "A", phone: "1" }] }),
  SetSettings: () => ({ throttling: false }),
  SetFaults: () => ({
    faults: [
      {
        service: "hub",
        operation: "Devices_GetTwin",
        status: 503,
        times: 1,
        delayMs: 1,
        headers: { "retry-after": "1" },
        body: {},
      },
    ],
  }),
  SetLatencies: () => ({ latencies: { [hubHost("hub-1")]: 10 } }),
  ShiftClock: () => ({ offsetSeconds: 0 }),
  SetSignIn: ({ certificates }) => ({
    certificates: [certificates.device.certificate.toPem()],
    federatedCredentials: [{ name: "one", issuer: "https://issuer.example", subject: "a", audience: "b" }],
  }),
  MintIdToken: () => ({ issuer: "https://issuer.example", subject: "a", audience: "b", lifetimeSeconds: 60 }),
  SetStorage: () => ({ azurite: null }),
});

/** The requests that create one resource of every kind, with path parameters that differ from the defaults. */
export const SETUP: readonly (readonly [string, Parameters?])[] = [
  ["ResourceGroups_CreateOrUpdate"],
  ["IotHubResource_CreateOrUpdate"],
  ["IotHubResource_ListKeysForKeyName"],
  ["IotHubResource_CreateEventHubConsumerGroup"],
  ["IotDpsResource_CreateOrUpdate"],
  ["IotDpsResource_Get"],
  ["IotDpsResource_ListKeysForKeyName"],
  ["DpsCertificate_CreateOrUpdate"],
  ["Certificates_CreateOrUpdate"],
  ["UserAssignedIdentities_CreateOrUpdate"],
  ["StorageAccounts_Create"],
  ["BlobContainers_Create"],
  ["BlobContainers_CreateOrUpdateImmutabilityPolicy"],
  ["ManagedEnvironments_CreateOrUpdate"],
  ["ContainerApps_CreateOrUpdate"],
  ["Jobs_CreateOrUpdate"],
  ["Vaults_CreateOrUpdate"],
  ["Vaults_CreateOrUpdate", { resourceName: "vault-2" }],
  ["Vaults_Delete", { resourceName: "vault-2" }],
  ...SCOPES.map((scope) => [`RoleAssignments_Create (${scope})`] as const),
  ...LINKED.map(([type]) => [`PrivateEndpointConnections_Update (${type})`] as const),
  ["EnrollmentGroup_CreateOrUpdate"],
  ["IndividualEnrollment_CreateOrUpdate"],
  ["RuntimeRegistration_RegisterDevice"],
  ["CreateKey"],
  ["CreateKey", { name: "key-2" }],
  ["DeleteKey", { name: "key-2" }],
  ["SetSecret"],
  ["SetSecret", { name: "secret-2" }],
  ["DeleteSecret", { name: "secret-2" }],
  ["CreateCertificate"],
  ["CreateCertificate", { name: "certificate-3" }],
  ["GetCertificate (latest)"],
  ["DeleteCertificate", { name: "certificate-3" }],
  ["SetCertificateIssuer"],
  ["SetCertificateContacts"],
  ["CreateCertificate", { name: "certificate-2" }],
  ["ImportKey", { name: "rsa-1" }],
  ["Encrypt"],
  ["Sign"],
  ["CreateKey", { name: "key-4" }],
  ["BackupKey", { name: "key-4" }],
  ["DeleteKey", { name: "key-4" }],
  ["PurgeDeletedKey", { name: "key-4" }],
  ["SetSecret", { name: "secret-4" }],
  ["BackupSecret", { name: "secret-4" }],
  ["DeleteSecret", { name: "secret-4" }],
  ["PurgeDeletedSecret", { name: "secret-4" }],
  ["CreateCertificate", { name: "certificate-4" }],
  ["BackupCertificate", { name: "certificate-4" }],
  ["DeleteCertificate", { name: "certificate-4" }],
  ["PurgeDeletedCertificate", { name: "certificate-4" }],
  ["Keys_CreateIfNotExist"],
];

type Learn = (body: Record<string, string>, headers: Parameters, seen: Map<string, string>) => void;

const versionOf = (id = ""): readonly [string, string] => {
  const [, , name = "", version = ""] = new URL(id).pathname.split("/");
  return [`version ${name}`, version];
};
const learnKey: Learn = (body, _, seen) => seen.set(...versionOf((body.key as unknown as { kid: string }).kid));
const learnId: Learn = (body, _, seen) => seen.set(...versionOf(body.id));
const learnCertificateTag: Learn = ({ etag: tag = "" }, _, seen) => seen.set("etag certificate", tag);
const learnPolicyTag: Learn = ({ etag: tag = "" }, _, seen) => seen.set("etag policy", tag);
const learnHubCertificateTag: Learn = ({ etag: tag = "" }, _, seen) => seen.set("etag hub certificate", tag);

/** What later requests need from responses, by operations' names. */
export const LEARN: Readonly<Record<string, Learn>> = Object.freeze({
  IotHubResource_ListKeysForKeyName: ({ primaryKey = "" }, _, seen) => seen.set("key hub", primaryKey),
  IotDpsResource_ListKeysForKeyName: ({ primaryKey = "" }, _, seen) => seen.set("key dps", primaryKey),
  IotDpsResource_Get: ({ properties }, _, seen) =>
    seen.set("idScope", (properties as unknown as Parameters).idScope ?? ""),
  IotHubResource_CreateOrUpdate: (_body, headers, seen) => {
    const operation = /operationResults\/([^?/]+)/i.exec(
      headers["azure-asyncoperation"] ?? headers.location ?? "",
    )?.[1];
    if (operation) seen.set("operation arm", operation);
  },
  DpsCertificate_CreateOrUpdate: learnCertificateTag,
  DpsCertificate_Get: learnCertificateTag,
  DpsCertificate_GenerateVerificationCode: learnCertificateTag,
  Certificates_CreateOrUpdate: learnHubCertificateTag,
  Certificates_Get: learnHubCertificateTag,
  Certificates_GenerateVerificationCode: learnHubCertificateTag,
  BlobContainers_CreateOrUpdateImmutabilityPolicy: learnPolicyTag,
  BlobContainers_GetImmutabilityPolicy: learnPolicyTag,
  RuntimeRegistration_RegisterDevice: ({ operationId = "" }, _, seen) => seen.set("operation dps", operationId),
  CreateKey: learnKey,
  "GetKey (latest)": learnKey,
  SetSecret: learnId,
  "GetCertificate (latest)": learnId,
  BackupKey: ({ value = "" }, _, seen) => seen.set("backup key", value),
  BackupSecret: ({ value = "" }, _, seen) => seen.set("backup secret", value),
  BackupCertificate: ({ value = "" }, _, seen) => seen.set("backup certificate", value),
  Sign: ({ value = "" }, _, seen) => seen.set("signature", value),
  EnrollmentGroup_CreateOrUpdate: (_body, _, seen) => seen.set("group", "there"),
  IndividualEnrollment_CreateOrUpdate: (_body, _, seen) => seen.set("enrollment", "there"),
  ImportKey: learnKey,
  Encrypt: ({ value = "" }, _, seen) => seen.set("sealed", value),
});

/**
 * Schemas of request bodies that responses fulfil as well, by the names of the operations that read: clients read, modify and
 * write.
 */
export const SCHEMAS: Readonly<Record<string, string>> = Object.freeze({
  ResourceGroups_Get: "resourceGroup.createOrUpdate",
  IotHubResource_Get: "iotHub.createOrUpdate",
  IotDpsResource_Get: "provisioningService.createOrUpdate",
  Vaults_Get: "vault.createOrUpdate",
  UserAssignedIdentities_Get: "arm.userAssignedIdentity",
  StorageAccounts_GetProperties: "storage.createAccount",
  BlobContainers_Get: "storage.container",
  ManagedEnvironments_Get: "containerApps.managedEnvironment",
  ContainerApps_Get: "containerApps.containerApp",
  Jobs_Get: "containerApps.job",
  ...Object.fromEntries(
    LINKED.map(([type]) => [`PrivateEndpointConnections_Get (${type})`, "arm.privateEndpointConnection"]),
  ),
  ...Object.fromEntries(SCOPES.map((scope) => [`RoleAssignments_Get (${scope})`, "roleAssignment.create"])),
  EnrollmentGroup_Get: "dps.enrollmentGroup",
  IndividualEnrollment_Get: "dps.individualEnrollment",
  Devices_GetIdentity: "hub.device",
  Devices_GetTwin: "hub.twin",
  Modules_GetIdentity: "hub.module",
  Modules_GetTwin: "hub.twin",
  GetKeyRotationPolicy: "keyVault.rotationPolicy",
  GetCertificatePolicy: "keyVault.certificatePolicy",
  GetCertificateIssuer: "keyVault.issuer",
  GetCertificateContacts: "keyVault.setContacts",
});
