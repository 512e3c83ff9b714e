import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { notEmulated } from "../armErrors";
import type { RoleScope } from "../roleScope";
import { BUILT_IN_ROLES, type BuiltInRole } from "./builtInRoles";
import { checkScope, roleDefinitionBody, roleDefinitionsPath } from "./roleDefinition";

/** `roleName eq 'X'`, `type eq 'BuiltInRole'` and `atScopeAndBelow()`, joined by `and`. Throws 501 for others. */
function filterOf(text: string | undefined): (role: BuiltInRole) => boolean {
  const tests = (text ?? "")
    .split(/\s+and\s+/i)
    .map((part) => part.trim())
    .filter((part) => part !== "" && !/^atScope(AndBelow)?\(\)$/i.test(part));
  const names = tests.map((part) => {
    const [, field = "", value = ""] = /^(roleName|type)\s+eq\s+'([^']*)'$/i.exec(part) ?? [];
    if (field === "") throw notEmulated(`the filter ${part} on role definitions`);
    return { field: field.toLowerCase(), value: value.toLowerCase() };
  });
  return (role) =>
    names.every(({ field, value }) => (field === "type" ? "builtinrole" : role.name.toLowerCase()) === value);
}

/** The roles that can be assigned at a scope. */
export const listRoleDefinitions =
  (scope: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `RoleDefinitions_List (${scope.label})`,
    method: "GET",
    path: roleDefinitionsPath(scope),
    handle(request) {
      checkScope(request, scope, deps);
      const roles = BUILT_IN_ROLES.filter(filterOf(request.query.get("$filter")));
      return { status: 200, body: { value: roles.map((role) => roleDefinitionBody(role, deps.subscriptionId)) } };
    },
  });
