import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError, notEmulated } from "../armErrors";
import type { JsonObject } from "../requestBody";
import { SCOPE_PATHS, scopeOf } from "../roleScope";
import { BUILT_IN_ROLES, type BuiltInRole, roleById } from "./builtInRoles";

/** The id of a role in this subscription. */
export const roleDefinitionId = (roleId: string, subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;

/** The GUID of a role out of its id, with or without a subscription before it; undefined when it is no such id. */
export const roleIdOf = (definitionId: unknown): string | undefined =>
  typeof definitionId === "string"
    ? /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([0-9a-f-]{36})\/?$/i.exec(definitionId)?.[1]
    : undefined;

const body = (role: BuiltInRole, subscriptionId: string): JsonObject => ({
  id: roleDefinitionId(role.id, subscriptionId),
  type: "Microsoft.Authorization/roleDefinitions",
  name: role.id,
  properties: {
    roleName: role.name,
    type: "BuiltInRole",
    description: role.description,
    assignableScopes: ["/"],
    permissions: [
      { actions: role.actions, notActions: role.notActions ?? [], dataActions: role.dataActions, notDataActions: [] },
    ],
  },
});

/** `roleName eq 'X'`, `type eq 'BuiltInRole'` and `atScopeAndBelow()`, joined by `and`. Others are refused. */
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

/** Role definitions: Azure's own, as many as are of use here. They are read only (REST reference, "Role Definitions"). */
export function roleDefinitionOperations(deps: ArmDependencies): Operation[] {
  const list = (request: Request): Response => {
    const found = BUILT_IN_ROLES.filter(filterOf(request.query.get("$filter")));
    return { status: 200, body: { value: found.map((role) => body(role, deps.subscriptionId)) } };
  };
  const get = (request: Request): Response => {
    const id = request.params.roleDefinitionName ?? "";
    const role = roleById(id);
    if (role) return { status: 200, body: body(role, deps.subscriptionId) };
    throw frontError(
      404,
      "RoleDefinitionDoesNotExist",
      `The specified role definition with ID '${id}' does not exist.`,
    );
  };
  const scopes = [["tenant", ""] as const, ...SCOPE_PATHS];
  return scopes.flatMap(([label, scope]): Operation[] => {
    const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions`;
    const checked = (handle: (request: Request) => Response) => (request: Request) => {
      if (scope !== "") scopeOf(request, deps);
      return handle(request);
    };
    return [
      { name: `RoleDefinitions_List (${label})`, method: "GET", path, handle: checked(list) },
      {
        name: `RoleDefinitions_Get (${label})`,
        method: "GET",
        path: `${path}/:roleDefinitionName`,
        handle: checked(get),
      },
    ];
  });
}
