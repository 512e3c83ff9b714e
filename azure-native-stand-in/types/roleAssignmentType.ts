import { computed, object, optional, required, text } from "../propertyShape";
import { type ResourceType, SYSTEM_DATA } from "./resourceType";

/** A role given at a scope (`@pulumi/azure-native/authorization`). Its properties stand below `properties` on ARM's wire. */
export const ROLE_ASSIGNMENT: ResourceType = {
  token: "azure-native:authorization:RoleAssignment",
  armType: "Microsoft.Authorization/roleAssignments",
  path: "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
  apiVersion: "2022-04-01",
  nameParameter: "roleAssignmentName",
  autoName: "guid",
  replacedFor: ["principalId"],
  inside: "properties",
  body: {
    condition: optional(text),
    conditionVersion: optional(text),
    createdBy: computed(text),
    createdOn: computed(text),
    delegatedManagedIdentityResourceId: optional(text),
    description: optional(text),
    principalId: required(text),
    principalType: optional(text),
    roleDefinitionId: required(text),
    scope: computed(text),
    systemData: computed(object(SYSTEM_DATA)),
    updatedBy: computed(text),
    updatedOn: computed(text),
  },
};
