import { computed, map, object, optional, text } from "../propertyShape";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/** A user-assigned managed identity (`@pulumi/azure-native/managedidentity`). Its DELETE is complete with the response. */
export const USER_ASSIGNED_IDENTITY: ResourceType = {
  token: "azure-native:managedidentity:UserAssignedIdentity",
  armType: "Microsoft.ManagedIdentity/userAssignedIdentities",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
  apiVersion: "2023-01-31",
  nameParameter: "resourceName",
  autoName: "random",
  location: "resourceGroup",
  putIsComplete: true,
  inside: "properties",
  body: {
    clientId: computed(text),
    location: optional(text),
    principalId: computed(text),
    systemData: computed(object(SYSTEM_DATA)),
    tags: optional(map(text)),
    tenantId: computed(text),
  },
};
