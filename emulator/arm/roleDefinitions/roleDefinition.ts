import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { type RoleScope, scopeOf } from "../roleScope";
import type { BuiltInRole } from "./builtInRoles";

/** The ID of a role in this subscription. */
export const roleDefinitionId = (roleId: string, subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;

/** The GUID in the ID of a role, with or without a subscription; undefined for anything else. */
export const roleIdOf = (definitionId: unknown): string | undefined =>
  typeof definitionId === "string"
    ? /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([0-9a-f-]{36})\/?$/i.exec(definitionId)?.[1]
    : undefined;

/** The path of the role definitions at a scope. */
export const roleDefinitionsPath = ({ path }: RoleScope): string =>
  `${path}/providers/Microsoft.Authorization/roleDefinitions`;

/** Throws 404 when the scope of a request does not exist; the tenant, which has no path, does. */
export function checkScope(request: Request, { path }: RoleScope, deps: ArmDependencies): void {
  if (path !== "") scopeOf(request, deps);
}

/** A role as ARM returns it. */
export const roleDefinitionBody = (role: BuiltInRole, subscriptionId: string): JsonObject => ({
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
