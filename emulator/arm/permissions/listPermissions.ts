import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation } from "../../kernel/operation";
import { authenticateCaller } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { isAtOrAbove } from "../roleAssignments/roleAssignmentStore";
import { roleById } from "../roleDefinitions/builtInRoles";
import { type RoleScope, scopeOf } from "../roleScope";

const permission = (actions: readonly string[], notActions: readonly string[], dataActions: readonly string[]) => ({
  actions,
  notActions,
  dataActions,
  notDataActions: [],
});

/** Every application that signs in owns the subscription with its hubs and services; access to vaults needs role assignments. */
const OWNER: JsonObject = permission(["*"], [], ["Microsoft.Devices/*"]);

/**
 * What the caller may do at a subscription or a group (REST reference, "Permissions – List For Resource Group"; at a
 * subscription as the portal requests it).
 */
export const listPermissions =
  ({ label, path }: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `Permissions_List (${label})`,
    method: "GET",
    path: `${path}/providers/Microsoft.Authorization/permissions`,
    handle(request) {
      const scope = scopeOf(request, deps);
      const assigned = deps.roleAssignments
        .ofPrincipal(authenticateCaller(request, deps).objectId)
        .filter((assignment) => isAtOrAbove(assignment.scope, scope))
        .flatMap(({ roleId }) => roleById(roleId) ?? [])
        .map((role) => permission(role.actions, role.notActions ?? [], role.dataActions));
      return { status: 200, body: { value: [OWNER, ...assigned] } };
    },
  });
