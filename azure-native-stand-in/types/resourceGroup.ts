import { gives, map, may, object, text } from "../shapes";
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
  body: {
    location: may(text),
    managedBy: may(text),
    properties: gives(object({ provisioningState: gives(text) })),
    tags: may(map(text)),
  },
};
