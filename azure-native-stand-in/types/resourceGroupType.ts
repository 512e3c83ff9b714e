import { computed, map, object, optional, text } from "../propertyShape";
import type { ResourceType } from "./resourceType";

/** A resource group (`@pulumi/azure-native/resources`). */
export const RESOURCE_GROUP: ResourceType = {
  token: "azure-native:resources:ResourceGroup",
  armType: "Microsoft.Resources/resourceGroups",
  path: "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}",
  apiVersion: "2024-03-01",
  nameParameter: "resourceGroupName",
  autoName: "random",
  location: "config",
  deleteIsPolled: true,
  parameterLimits: { resourceGroupName: { pattern: "^[-\\w\\._\\(\\)]+$", minLength: 1, maxLength: 90 } },
  replacedFor: ["location"],
  body: {
    location: optional(text),
    managedBy: optional(text),
    properties: computed(object({ provisioningState: computed(text) })),
    tags: optional(map(text)),
  },
};
