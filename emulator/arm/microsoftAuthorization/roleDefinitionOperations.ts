import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { armOperations } from "../armOperations";
import { filterOf } from "../armRequest";
import { BUILT_IN_ROLES, type BuiltInRole, permissionOf, roleById, roleDefinitionId } from "./builtInRoles";
import { ROLE_SCOPES, scopeOf } from "./roleScope";

/** A role as ARM returns it. */
const roleDefinitionBody = (role: BuiltInRole, { subscriptionId }: ArmDependencies): JsonObject => ({
  id: roleDefinitionId(role.id, subscriptionId),
  type: "Microsoft.Authorization/roleDefinitions",
  name: role.id,
  properties: {
    roleName: role.name,
    type: "BuiltInRole",
    description: role.description,
    assignableScopes: ["/"],
    permissions: [permissionOf(role)],
  },
});

/** Reads `roleName eq 'X'`, `type eq 'BuiltInRole'` and `atScopeAndBelow()`. */
function readCondition(condition: string): ((role: BuiltInRole) => boolean) | undefined {
  if (/^atScope(AndBelow)?\(\)$/i.test(condition)) return () => true;
  const [, field = "", value = ""] = /^(roleName|type)\s+eq\s+'([^']*)'$/i.exec(condition) ?? [];
  if (field === "") return undefined;
  return ({ name }) => (/^type$/i.test(field) ? "builtinrole" : name.toLowerCase()) === value.toLowerCase();
}

/** The roles that can be assigned at a scope. */
function listRoleDefinitions(request: Request, deps: ArmDependencies): Response {
  scopeOf(request, deps);
  const roles = BUILT_IN_ROLES.filter(filterOf(request, "role definitions", readCondition));
  return { status: 200, body: { value: roles.map((role) => roleDefinitionBody(role, deps)) } };
}

/** GET of a role by its GUID. */
function getRoleDefinition(request: Request, deps: ArmDependencies): Response {
  scopeOf(request, deps);
  const id = request.params.roleDefinitionName ?? "";
  const role = roleById(id);
  if (role) return { status: 200, body: roleDefinitionBody(role, deps) };
  const message = `The specified role definition with ID '${id}' does not exist.`;
  throw frontError(404, "RoleDefinitionDoesNotExist", message);
}

/** The supported built-in roles, read only, at the tenant and at every other scope (Azure REST API "Role Definitions"). */
export const roleDefinitionOperations = (deps: ArmDependencies): Operation[] =>
  [{ label: "tenant", path: "" }, ...ROLE_SCOPES].flatMap(({ label, path: scope }) => {
    const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions`;
    return armOperations(deps, [
      [`RoleDefinitions_List (${label})`, "GET", path, listRoleDefinitions],
      [`RoleDefinitions_Get (${label})`, "GET", `${path}/:roleDefinitionName`, getRoleDefinition],
    ]);
  });
