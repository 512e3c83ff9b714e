import { any, computed, map, object, optional, text } from "../propertyShape";
import { jobConfiguration, jobTemplate, managedIdentity } from "./containerAppShapes";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/** A Container Apps job (`@pulumi/azure-native/app`). */
export const CONTAINER_JOB: ResourceType = {
  token: "azure-native:app:Job",
  armType: "Microsoft.App/jobs",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.App/jobs/{jobName}",
  apiVersion: "2025-02-02-preview",
  nameParameter: "jobName",
  autoName: "random",
  location: "resourceGroup",
  deleteIsPolled: true,
  inside: "properties",
  body: {
    configuration: optional(jobConfiguration),
    environmentId: optional(text),
    eventStreamEndpoint: computed(text),
    extendedLocation: optional(object({ name: optional(text), type: optional(text) })),
    identity: optional(managedIdentity),
    location: optional(text),
    outboundIpAddresses: computed(any),
    provisioningState: computed(text),
    runningState: computed(text),
    systemData: computed(object(SYSTEM_DATA)),
    tags: optional(map(text)),
    template: optional(jobTemplate),
    workloadProfileName: optional(text),
  },
};
