import { any, computed, map, object, optional, text } from "../propertyShape";
import { containerAppConfiguration, containerAppTemplate, managedIdentity } from "./containerAppShapes";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/** A container app (`@pulumi/azure-native/app`). */
export const CONTAINER_APP: ResourceType = {
  token: "azure-native:app:ContainerApp",
  armType: "Microsoft.App/containerApps",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.App/containerApps/{containerAppName}",
  apiVersion: "2025-02-02-preview",
  nameParameter: "containerAppName",
  autoName: "random",
  location: "resourceGroup",
  deleteIsPolled: true,
  inside: "properties",
  body: {
    configuration: optional(containerAppConfiguration),
    customDomainVerificationId: computed(text),
    deploymentErrors: computed(text),
    environmentId: optional(text),
    eventStreamEndpoint: computed(text),
    extendedLocation: optional(object({ name: optional(text), type: optional(text) })),
    identity: optional(managedIdentity),
    kind: optional(text),
    latestReadyRevisionName: computed(text),
    latestRevisionFqdn: computed(text),
    latestRevisionName: computed(text),
    location: optional(text),
    managedBy: optional(text),
    managedEnvironmentId: optional(text),
    outboundIpAddresses: computed(any),
    patchingConfiguration: optional(object({ patchingMode: optional(text) })),
    provisioningState: computed(text),
    runningStatus: computed(text),
    systemData: computed(object(SYSTEM_DATA)),
    tags: optional(map(text)),
    template: optional(containerAppTemplate),
    workloadProfileName: optional(text),
  },
};
