import { any, computed, flag, ids, integer, list, map, object, optional, required, text } from "../propertyShape";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/** An environment of Container Apps (`@pulumi/azure-native/app`). */
export const MANAGED_ENVIRONMENT: ResourceType = {
  token: "azure-native:app:ManagedEnvironment",
  armType: "Microsoft.App/managedEnvironments",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.App/managedEnvironments/{environmentName}",
  apiVersion: "2025-02-02-preview",
  nameParameter: "environmentName",
  autoName: "random",
  location: "resourceGroup",
  deleteIsPolled: true,
  inside: "properties",
  body: {
    appInsightsConfiguration: optional(object({ connectionString: optional(text) })),
    appLogsConfiguration: optional(
      object({
        destination: optional(text),
        logAnalyticsConfiguration: optional(
          object({ customerId: optional(text), dynamicJsonColumns: optional(flag), sharedKey: optional(text) }),
        ),
      }),
    ),
    availabilityZones: optional(list(text)),
    customDomainConfiguration: optional(
      object({
        certificateKeyVaultProperties: optional(object({ identity: optional(text), keyVaultUrl: optional(text) })),
        certificatePassword: optional(text),
        certificateValue: optional(text),
        customDomainVerificationId: computed(text),
        dnsSuffix: optional(text),
        expirationDate: computed(text),
        subjectName: computed(text),
        thumbprint: computed(text),
      }),
    ),
    daprAIConnectionString: optional(text),
    daprAIInstrumentationKey: optional(text),
    daprConfiguration: computed(any),
    defaultDomain: computed(text),
    deploymentErrors: computed(text),
    diskEncryptionConfiguration: optional(
      object({
        keyVaultConfiguration: optional(
          object({ auth: optional(object({ identity: optional(text) })), keyUrl: optional(text) }),
        ),
      }),
    ),
    eventStreamEndpoint: computed(text),
    identity: optional(
      object({
        principalId: computed(text),
        tenantId: computed(text),
        type: required(text),
        userAssignedIdentities: optional(ids),
      }),
    ),
    infrastructureResourceGroup: optional(text),
    ingressConfiguration: optional(
      object({
        headerCountLimit: optional(integer),
        requestIdleTimeout: optional(integer),
        scale: optional(object({ maxReplicas: optional(integer), minReplicas: optional(integer) })),
        terminationGracePeriodSeconds: optional(integer),
        workloadProfileName: optional(text),
      }),
    ),
    kedaConfiguration: computed(any),
    kind: optional(text),
    location: optional(text),
    openTelemetryConfiguration: optional(
      object({
        destinationsConfiguration: optional(
          object({
            dataDogConfiguration: optional(object({ key: optional(text), site: optional(text) })),
            otlpConfigurations: optional(
              list(
                object({
                  endpoint: optional(text),
                  headers: optional(list(object({ key: optional(text), value: optional(text) }))),
                  insecure: optional(flag),
                  name: optional(text),
                }),
              ),
            ),
          }),
        ),
        logsConfiguration: optional(object({ destinations: optional(list(text)) })),
        metricsConfiguration: optional(object({ destinations: optional(list(text)), includeKeda: optional(flag) })),
        tracesConfiguration: optional(object({ destinations: optional(list(text)), includeDapr: optional(flag) })),
      }),
    ),
    peerAuthentication: optional(object({ mtls: optional(object({ enabled: optional(flag) })) })),
    peerTrafficConfiguration: optional(object({ encryption: optional(object({ enabled: optional(flag) })) })),
    privateEndpointConnections: computed(any),
    privateLinkDefaultDomain: computed(text),
    provisioningState: computed(text),
    publicNetworkAccess: optional(text),
    staticIp: computed(text),
    systemData: computed(object(SYSTEM_DATA)),
    tags: optional(map(text)),
    vnetConfiguration: optional(
      object({
        dockerBridgeCidr: optional(text),
        infrastructureSubnetId: optional(text),
        internal: optional(flag),
        platformReservedCidr: optional(text),
        platformReservedDnsIP: optional(text),
      }),
    ),
    workloadProfiles: optional(
      list(
        object({
          enableFips: optional(flag),
          maximumCount: optional(integer),
          minimumCount: optional(integer),
          name: required(text),
          workloadProfileType: required(text),
        }),
      ),
    ),
    zoneRedundant: optional(flag),
  },
};
