import { any, computed, ids, map, object, optional, required, text } from "../propertyShape";
import { jobConfiguration, jobTemplate } from "./containerAppShapes";
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
    identity: optional(
      object({
        principalId: computed(text),
        tenantId: computed(text),
        type: required(text),
        userAssignedIdentities: optional(ids),
      }),
    ),
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
