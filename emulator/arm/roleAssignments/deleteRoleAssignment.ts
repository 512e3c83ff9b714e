import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import type { RoleScope } from "../roleScope";
import { roleAssignmentBody, roleAssignmentOf, roleAssignmentPath } from "./roleAssignment";

/** DELETE of a role assignment. */
export const deleteRoleAssignment =
  (scope: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `RoleAssignments_Delete (${scope.label})`,
    method: "DELETE",
    path: roleAssignmentPath(scope),
    handle(request) {
      const assignment = roleAssignmentOf(request, deps);
      if (!assignment) return { status: 204 };
      deps.commit(() => deps.roleAssignments.remove(assignment.scope, assignment.name));
      return { status: 200, body: roleAssignmentBody(assignment, deps) };
    },
  });
