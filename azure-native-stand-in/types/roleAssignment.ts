import { gives, may, must, object, text } from "../shapes";
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
  location: "none",
  deleteIsPolled: false,
  inside: "properties",
  body: {
    condition: may(text),
    conditionVersion: may(text),
    createdBy: gives(text),
    createdOn: gives(text),
    delegatedManagedIdentityResourceId: may(text),
    description: may(text),
    principalId: must(text),
    principalType: may(text),
    roleDefinitionId: must(text),
    scope: gives(text),
    systemData: gives(object(SYSTEM_DATA)),
    updatedBy: gives(text),
    updatedOn: gives(text),
  },
};
