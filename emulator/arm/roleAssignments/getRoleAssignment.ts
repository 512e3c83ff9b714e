import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import type { RoleScope } from "../roleScope";
import { roleAssignmentBody, roleAssignmentOf, roleAssignmentPath } from "./roleAssignment";

/** GET of a role assignment. */
export const getRoleAssignment =
  (scope: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `RoleAssignments_Get (${scope.label})`,
    method: "GET",
    path: roleAssignmentPath(scope),
    handle(request) {
      const assignment = roleAssignmentOf(request, deps);
      if (assignment) return { status: 200, body: roleAssignmentBody(assignment, deps) };
      const message = `The role assignment '${request.params.roleAssignmentName}' is not found.`;
      throw frontError(404, "RoleAssignmentNotFound", message);
    },
  });
