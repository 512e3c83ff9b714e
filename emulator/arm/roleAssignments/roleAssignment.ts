import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { roleDefinitionId } from "../roleDefinitions/roleDefinition";
import { type RoleScope, scopeOf } from "../roleScope";
import type { RoleAssignment } from "./roleAssignmentStore";

/** The path of the role assignments at a scope. */
export const roleAssignmentsPath = ({ path }: RoleScope): string =>
  `${path}/providers/Microsoft.Authorization/roleAssignments`;
/** The path of one of them. */
export const roleAssignmentPath = (scope: RoleScope): string => `${roleAssignmentsPath(scope)}/:roleAssignmentName`;

/** The role assignment of a request, if it exists. Throws 404 when its scope does not. */
export const roleAssignmentOf = (request: Request, deps: ArmDependencies): RoleAssignment | undefined =>
  deps.roleAssignments.named(scopeOf(request, deps), request.params.roleAssignmentName ?? "");

/** A role assignment as ARM returns it. */
export const roleAssignmentBody = (assignment: RoleAssignment, { subscriptionId }: ArmDependencies): JsonObject => {
  const { name, scope, roleId, actsFrom: _, ...rest } = assignment;
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: "Microsoft.Authorization/roleAssignments",
    properties: { ...rest, scope, roleDefinitionId: roleDefinitionId(roleId, subscriptionId) },
  };
};
