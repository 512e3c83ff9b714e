import { TENANT as ARM_TENANT } from "../../../cast/armHarness";
import { type BodyRoute, describeBodies, type Outcome } from "../../../cast/bodyRoutes";
import { newHierarchy } from "../../../cast/certs";
import { GROUP, type ManagedVault, managedVault, VAULT } from "../../../cast/managedVault";

const ALL = { keys: ["all"], secrets: ["all"], certificates: ["all"] };
const TENANT = "11111111-1111-4111-8111-111111111111";
const KEY = Buffer.alloc(32).toString("base64");
const DEVICES = `${GROUP}/providers/Microsoft.Devices`;
const HUB = `${DEVICES}/IotHubs/hub-1`;
const DPS = `${DEVICES}/provisioningServices/dps-1`;
const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity-1`;
const IDENTITY_ID = `/subscriptions/${ARM_TENANT.subscriptionId}${IDENTITY}`;
const ROLE = "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6";

const messaging = { lockDurationAsIso8601: "PT5S", maxDeliveryCount: 10, ttlAsIso8601: "P1DT12H" };
const endpoint = {
  authenticationType: "keyBased",
  connectionString: "Endpoint=sb://a",
  endpointUri: "sb://a",
  entityPath: "a",
  id: "1",
  identity: { userAssignedIdentity: "/a" },
  name: "endpoint-1",
  resourceGroup: "rg",
  subscriptionId: "s",
};
const { entityPath: _, ...storage } = endpoint;
const privateEndpointConnection = {
  id: "/a",
  name: "a",
  type: "a",
  properties: {
    privateEndpoint: { id: "/a" },
    privateLinkServiceConnectionState: { status: "Approved", description: "a", actionsRequired: "None" },
  },
};
const identity = {
  type: "SystemAssigned, UserAssigned",
  principalId: "a",
  tenantId: "a",
  userAssignedIdentities: { [IDENTITY_ID]: { clientId: "a", principalId: "a" } },
};
/** What a schema cannot say of an identity: its type goes with the user-assigned ones. */
const IDENTITY_NEEDS = ["identity.type", `identity.userAssignedIdentities.${IDENTITY_ID}`];
const policy = { keyName: "a", primaryKey: KEY, secondaryKey: KEY };
const ipFilterRule = { action: "Reject", filterName: "a", ipMask: "203.0.113.0/24" };
const route = { name: "r-1", source: "DeviceMessages", condition: "true", endpointNames: ["events"], isEnabled: true };

const routeTest = () => ({
  message: { body: "{}", appProperties: { a: "1" }, systemProperties: { contentType: "application/json" } },
  twin: { tags: { a: 1 }, properties: { desired: { a: 1 }, reported: { a: 1 } } },
});

const hub = {
  location: "westeurope",
  tags: { a: "1" },
  etag: "",
  identity,
  sku: { name: "S1", capacity: 2 },
  properties: {
    allowedFqdnList: ["a.example"],
    authorizationPolicies: [{ ...policy, rights: "RegistryRead, ServiceConnect" }],
    cloudToDevice: { defaultTtlAsIso8601: "PT1H", feedback: messaging, maxDeliveryCount: 100 },
    comments: "a",
    deviceStreams: { streamingEndpoints: ["a"] },
    disableDeviceSAS: true,
    disableLocalAuth: false,
    disableModuleSAS: true,
    enableDataResidency: false,
    enableFileUploadNotifications: false,
    encryption: {
      keySource: "Microsoft.KeyVault",
      keyVaultProperties: [{ identity: { userAssignedIdentity: "/a" }, keyIdentifier: "a" }],
    },
    eventHubEndpoints: {
      events: { endpoint: "sb://a", partitionCount: 4, partitionIds: ["0"], path: "a", retentionTimeInDays: 7 },
    },
    features: "None",
    ipFilterRules: [ipFilterRule],
    ipVersion: "IPV4",
    messagingEndpoints: { fileNotifications: messaging },
    minTlsVersion: "1.2",
    networkRuleSets: {
      applyToBuiltInEventHubEndpoint: true,
      defaultAction: "deny",
      ipRules: [{ action: "Allow", filterName: "a", ipMask: "203.0.113.0/24" }],
    },
    privateEndpointConnections: [privateEndpointConnection],
    publicNetworkAccess: "enabled",
    restrictOutboundNetworkAccess: true,
    rootCertificate: { enableRootCertificateV2: true },
    routing: {
      endpoints: {
        cosmosDBSqlContainers: [
          {
            ...{ ...storage, connectionString: undefined },
            name: "cosmos",
            containerName: "uploads",
            databaseName: "a",
            partitionKeyName: "a",
            partitionKeyTemplate: "a",
            primaryKey: "a",
            secondaryKey: "a",
          },
        ],
        eventHubs: [endpoint],
        serviceBusQueues: [{ ...endpoint, name: "queue" }],
        serviceBusTopics: [{ ...endpoint, name: "topic" }],
        storageContainers: [
          {
            ...storage,
            name: "storage",
            batchFrequencyInSeconds: 60,
            containerName: "uploads",
            encoding: "json",
            fileNameFormat: "{iothub}",
            maxChunkSizeInBytes: 10485760,
          },
        ],
      },
      enrichments: [{ key: "a", value: "a", endpointNames: ["events"] }],
      fallbackRoute: { ...route, name: "$fallback" },
      routes: [route],
    },
    storageEndpoints: {
      $default: {
        authenticationType: "identityBased",
        connectionString: "",
        containerName: "",
        identity: { userAssignedIdentity: "/a" },
        sasTtlAsIso8601: "PT1H",
      },
    },
  },
};

const dps = (connectionString: string) => ({
  location: "westeurope",
  tags: { a: "1" },
  etag: "",
  identity,
  sku: { name: "s1", capacity: 1 },
  properties: {
    allocationPolicy: "geolatency",
    authorizationPolicies: [{ ...policy, rights: "ServiceConfig" }],
    deviceRegistryNamespace: {
      authenticationType: "SystemAssigned",
      resourceId: "/a",
      selectedUserAssignedIdentityResourceId: "/a",
    },
    disableLocalAuth: false,
    enableDataResidency: false,
    iotHubs: [
      {
        allocationWeight: 5,
        applyAllocationPolicy: false,
        authenticationType: "KeyBased",
        connectionString,
        hostName: "hub-1.azure-devices.net",
        location: "westeurope",
        selectedUserAssignedIdentityResourceId: "/a",
      },
    ],
    ipFilterRules: [{ ...ipFilterRule, target: "all" }],
    portalOperationsHostName: "a",
    privateEndpointConnections: [privateEndpointConnection],
    publicNetworkAccess: "Disabled",
  },
});

const vaultProperties = {
  accessPolicies: [
    {
      applicationId: TENANT,
      objectId: "o",
      permissions: { certificates: ["Get"], keys: ["wrapkey"], secrets: ["all"], storage: ["set"] },
      tenantId: TENANT,
    },
  ],
  createMode: "default",
  enablePurgeProtection: true,
  enableRbacAuthorization: false,
  enableSoftDelete: true,
  enabledForDeployment: true,
  enabledForDiskEncryption: false,
  enabledForTemplateDeployment: true,
  networkAcls: {
    bypass: "none",
    defaultAction: "allow",
    ipRules: [{ value: "203.0.113.7" }],
    virtualNetworkRules: [{ id: "/virtualNetworks/v/subnets/s", ignoreMissingVnetServiceEndpoint: true }],
  },
  publicNetworkAccess: "Enabled",
  sku: { family: "a", name: "Standard" },
  softDeleteRetentionInDays: 90,
  tenantId: TENANT,
};
const attributes = { enabled: true, nbf: 1, exp: 4_000_000_000 };
const secret = { attributes, contentType: "text/plain", value: "a" };

/** The code of the part of a body that ARM reads before the resource provider, else the provider's own. */
const byField = (code: unknown) => (field: string) => {
  if (field === "location" || field === ".location") return "LocationRequired";
  return field === "" || /^\.?(?:tags)\b/.test(field) ? "InvalidRequestContent" : code;
};
const DEVICES_CODES: Readonly<Record<string, number>> = {
  "properties.minTlsVersion": 400089,
  "properties.eventHubEndpoints.events.partitionCount": 400016,
};
const devices = (field: string) => DEVICES_CODES[field] ?? byField(400004)(field);
const badParameter = () => "BadParameter";

describe("bodies of ARM's requests", () => {
  let managed: ManagedVault;
  let connectionString = "";
  let certificate = "";
  let etag = "";
  let uploads = 0;
  before(async () => {
    managed = await managedVault(ALL);
    await managed.manage("PUT", IDENTITY, { location: "westeurope" });
    await managed.manage("PUT", HUB, { location: "westeurope", sku: { name: "S1" } });
    await managed.manage("PUT", DPS, { location: "westeurope", sku: { name: "S1" } });
    const { body } = await managed.manage("POST", `${HUB}/IotHubKeys/iothubowner/listkeys`);
    const { primaryKey } = body as { primaryKey: string };
    connectionString = `HostName=hub-1.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey}`;
    certificate = (await newHierarchy()).root.certificate.toPem();
    const uploaded = await managed.manage("PUT", `${DPS}/certificates/proof`, { certificate });
    etag = (uploaded.body as { etag: string }).etag;
    await managed.manage("PUT", `${VAULT}/secrets/existing`, { properties: { value: "a" } });
  });
  after(() => managed.close());

  const contents = (): string => managed.contents();
  const to =
    (
      method: string,
      path: string | (() => string),
      headers?: () => Readonly<Record<string, string>>,
    ): BodyRoute["send"] =>
    async (body): Promise<Outcome> => {
      const at = typeof path === "string" ? path : path();
      const sent = typeof body === "string" ? JSON.stringify(body) : body;
      const response = await managed.manage(method, at, sent, headers?.());
      const { error, code } = response.body as { error?: { code: unknown }; code?: unknown };
      return { status: response.status, code: error?.code ?? code };
    };

  describeBodies(
    [
      {
        schema: "resourceGroup.createOrUpdate",
        send: to("PUT", "/resourceGroups/rg-2"),
        example: () => ({ location: "westeurope", managedBy: "a", tags: { a: "1" }, properties: {} }),
        code: byField("InvalidRequestContent"),
      },
      {
        schema: "resourceGroup.update",
        send: to("PATCH", GROUP),
        example: () => ({ managedBy: "a", tags: { a: "1" }, properties: {} }),
        code: byField("InvalidRequestContent"),
      },
      {
        schema: "iotHub.createOrUpdate",
        send: to("PUT", `${DEVICES}/IotHubs/hub-2`),
        example: () => hub,
        code: devices,
        needs: IDENTITY_NEEDS,
      },
      {
        schema: "arm.updateTags",
        send: to("PATCH", HUB),
        example: () => ({ tags: { a: "1" }, identity }),
        code: devices,
        needs: IDENTITY_NEEDS,
      },
      {
        schema: "arm.userAssignedIdentity",
        send: to("PUT", IDENTITY),
        example: () => ({ location: "westeurope", tags: { a: "1" } }),
        code: byField("InvalidRequestContent"),
      },
      {
        schema: "arm.privateEndpointConnection",
        send: to("PUT", `${HUB}/privateEndpointConnections/connection-1`),
        example: () => privateEndpointConnection,
        code: byField("InvalidRequestContent"),
      },
      {
        schema: "iotHub.testRoute",
        send: to("POST", `${HUB}/routing/routes/$testnew`),
        example: () => ({ ...routeTest(), route }),
        code: devices,
      },
      {
        schema: "iotHub.testAllRoutes",
        send: to("POST", `${HUB}/routing/routes/$testall`),
        example: () => ({ ...routeTest(), routingSource: "DeviceMessages" }),
        code: devices,
      },
      {
        schema: "iotHub.exportDevices",
        send: to("POST", `${HUB}/exportDevices`),
        example: () => ({
          authenticationType: "keyBased",
          configurationsBlobName: "a",
          excludeKeys: true,
          exportBlobContainerUri: "https://a.blob.core.windows.net/devices",
          exportBlobName: "a",
          identity: { userAssignedIdentity: "a" },
          includeConfigurations: false,
        }),
        code: devices,
        // There is no storage.
        validStatus: 501,
      },
      {
        schema: "iotHub.importDevices",
        send: to("POST", `${HUB}/importDevices`),
        example: () => ({
          authenticationType: "keyBased",
          configurationsBlobName: "a",
          identity: { userAssignedIdentity: "a" },
          includeConfigurations: false,
          inputBlobContainerUri: "https://a.blob.core.windows.net/devices",
          inputBlobName: "a",
          outputBlobContainerUri: "https://a.blob.core.windows.net/devices",
          outputBlobName: "a",
        }),
        code: devices,
        validStatus: 501,
      },
      {
        schema: "iotHub.failover",
        send: to("POST", `${HUB}/failover`),
        example: () => ({ failoverRegion: "eastus9" }),
        code: devices,
        // No hub's secondary region.
        validStatus: 400,
      },
      {
        schema: "iotHub.createConsumerGroup",
        send: to("PUT", `${HUB}/eventHubEndpoints/events/ConsumerGroups/group-1`),
        example: () => ({ properties: { name: "group-1" } }),
        code: devices,
      },
      {
        schema: "provisioningService.createOrUpdate",
        send: to("PUT", `${DEVICES}/provisioningServices/dps-2`),
        example: () => dps(connectionString),
        code: devices,
        needs: [...IDENTITY_NEEDS, "properties.iotHubs.0.connectionString"],
      },
      {
        schema: "provisioningService.createOrUpdateCertificate",
        send: to("PUT", () => {
          uploads += 1;
          return `${DPS}/certificates/root-${uploads}`;
        }),
        example: () => ({ certificate, isVerified: true, properties: { certificate, isVerified: true } }),
        code: byField(400004),
        needs: ["certificate"],
      },
      {
        schema: "provisioningService.verifyCertificate",
        send: to("POST", `${DPS}/certificates/proof/verify`, () => ({ "if-match": etag })),
        example: () => ({ certificate }),
        code: byField(400004),
        needs: ["certificate"],
        // It proves nothing: 400053.
        validStatus: 400,
      },
      {
        schema: "arm.checkName",
        send: to("POST", "/providers/Microsoft.Devices/checkNameAvailability"),
        example: () => ({ name: "hub-9", type: "a" }),
        code: byField("InvalidRequestContent"),
      },
      {
        schema: "vault.createOrUpdate",
        send: to("PUT", `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-2`),
        example: () => ({ location: "westeurope", tags: { a: "1" }, properties: vaultProperties }),
        code: byField("BadRequest"),
        needs: ["properties.sku.name", "properties.tenantId", "properties.accessPolicies"],
      },
      {
        schema: "vault.update",
        send: to("PATCH", VAULT),
        example: () => ({ tags: { a: "1" }, properties: { ...vaultProperties, accessPolicies: [] } }),
        code: byField("BadRequest"),
      },
      {
        schema: "vault.updateAccessPolicy",
        send: to("PUT", `${VAULT}/accessPolicies/add`),
        example: () => ({ properties: { accessPolicies: vaultProperties.accessPolicies } }),
        code: byField("BadRequest"),
      },
      {
        schema: "vault.createKey",
        send: to("PUT", `${VAULT}/keys/key-1`),
        example: () => ({
          tags: { a: "1" },
          properties: {
            attributes: { ...attributes, exportable: false },
            curveName: "P-256",
            keyOps: ["sign"],
            keySize: 256,
            kty: "EC",
            rotationPolicy: {
              attributes: { expiryTime: "P90D" },
              lifetimeActions: [{ action: { type: "rotate" }, trigger: { timeAfterCreate: "P30D" } }],
            },
          },
        }),
        code: badParameter,
        absent: ["properties.release_policy", "properties.rotationPolicy.lifetimeActions.0.trigger.timeBeforeExpiry"],
        needs: ["properties.kty", "properties.rotationPolicy.lifetimeActions.0.trigger.timeAfterCreate"],
      },
      {
        schema: "vault.createOrUpdateSecret",
        send: to("PUT", `${VAULT}/secrets/secret-1`),
        example: () => ({ tags: { a: "1" }, properties: secret }),
        code: badParameter,
      },
      {
        schema: "vault.updateSecret",
        send: to("PATCH", `${VAULT}/secrets/existing`),
        example: () => ({ tags: { a: "1" }, properties: secret }),
        code: badParameter,
      },
      {
        schema: "roleAssignment.create",
        send: to("PUT", `${GROUP}/providers/Microsoft.Authorization/roleAssignments/${TENANT}`),
        example: () => ({
          properties: {
            roleDefinitionId: ROLE,
            principalId: TENANT,
            principalType: "user",
            description: "a",
            conditionVersion: "2.0",
            delegatedManagedIdentityResourceId: "/a",
          },
        }),
        code: byField("BadRequestFormat"),
        absent: ["properties.condition"],
        needs: ["properties.principalId", "properties.roleDefinitionId"],
      },
    ],
    contents,
  );
});
