import type { Answer, Call, Operation } from "../../kernel/call";
import type { ArmParts } from "../parts";
import type { JsonObject } from "../requestBody";
import { roleById } from "./builtInRoles";
import { isAtOrAbove } from "./roleAssignmentTable";
import { SCOPE_PATHS, scopeOf } from "./scope";

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
export function permissionOperations(parts: ArmParts, callerOf: (call: Call) => string): Operation[] {
  const list = (call: Call): Answer => {
    const scope = scopeOf(call, parts);
    const assigned = parts.roleAssignments
      .ofPrincipal(callerOf(call))
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
