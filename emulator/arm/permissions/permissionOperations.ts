import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import type { JsonObject } from "../requestBody";
import { isAtOrAbove } from "../roleAssignments/roleAssignmentStore";
import { roleById } from "../roleDefinitions/builtInRoles";
import { SCOPE_PATHS, scopeOf } from "../roleScope";

const permission = (actions: readonly string[], notActions: readonly string[], dataActions: readonly string[]) => ({
  actions,
  notActions,
  dataActions,
  notDataActions: [],
});

/** Whoever may sign in to the local Azure owns the subscription and its hubs and services; vaults go by their roles. */
const OWNER: JsonObject = permission(["*"], [], ["Microsoft.Devices/*"]);

/**
 * What the caller may do at a subscription or a group (REST reference, "Permissions – List For Resource Group"; at a
 * subscription as the portal asks for it).
 */
export function permissionOperations(deps: ArmDependencies, callerOf: (request: Request) => string): Operation[] {
  const list = (request: Request): Response => {
    const scope = scopeOf(request, deps);
    const assigned = deps.roleAssignments
      .ofPrincipal(callerOf(request))
      .filter((assignment) => isAtOrAbove(assignment.scope, scope))
      .flatMap(({ roleId }) => roleById(roleId) ?? [])
      .map((role) => permission(role.actions, role.notActions ?? [], role.dataActions));
    return { status: 200, body: { value: [OWNER, ...assigned] } };
  };
  return SCOPE_PATHS.filter(([label]) => label === "subscription" || label === "resource group").map(
    ([label, scope]): Operation => ({
      name: `Permissions_List (${label})`,
      method: "GET",
      path: `${scope}/providers/Microsoft.Authorization/permissions`,
      handle: list,
    }),
  );
}
