import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { notEmulated } from "../armErrors";
import { type RoleScope, scopeOf } from "../roleScope";
import { roleAssignmentBody, roleAssignmentsPath } from "./roleAssignment";
import { isAtOrAbove, type RoleAssignment } from "./roleAssignmentStore";

/** `atScope()`, `principalId eq 'X'` and `assignedTo('X')`, joined by `and`. Throws 501 for others. */
function filterOf(text: string | undefined, scope: string): (assignment: RoleAssignment) => boolean {
  const tests = (text ?? "").split(/\s+and\s+/i).map((part) => part.trim());
  const wanted = tests
    .filter((part) => part !== "")
    .map((part): ((assignment: RoleAssignment) => boolean) => {
      if (/^atScope\(\)$/i.test(part)) return (each) => isAtOrAbove(each.scope, scope);
      const principal = /^principalId\s+eq\s+'([^']*)'$|^assignedTo\('([^']*)'\)$/i.exec(part);
      const id = (principal?.[1] ?? principal?.[2])?.toLowerCase();
      if (id === undefined) throw notEmulated(`the filter ${part} on role assignments`);
      return (each) => each.principalId === id;
    });
  return (each) =>
    (isAtOrAbove(each.scope, scope) || isAtOrAbove(scope, each.scope)) && wanted.every((test) => test(each));
}

/** The role assignments at a scope, above and below it. */
export const listRoleAssignments =
  (scope: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `RoleAssignments_List (${scope.label})`,
    method: "GET",
    path: roleAssignmentsPath(scope),
    handle(request) {
      const matches = filterOf(request.query.get("$filter"), scopeOf(request, deps));
      const assignments = deps.roleAssignments.list().filter(matches);
      return { status: 200, body: { value: assignments.map((each) => roleAssignmentBody(each, deps)) } };
    },
  });
