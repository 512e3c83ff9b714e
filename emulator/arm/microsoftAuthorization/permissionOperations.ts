import type { Operation, Request } from "../../kernel/operation";
import { authenticateCaller } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { permissionOf, roleById } from "./builtInRoles";
import { isAtOrAbove } from "./roleAssignmentStore";
import { ROLE_SCOPES, scopeOf } from "./roleScope";

/** Everyone who signs in owns the subscription, and the application the data of its hubs and services; all else needs role assignments. */
const OWNER = permissionOf({ actions: ["*"], dataActions: [] });
const APPLICATION = permissionOf({ actions: ["*"], dataActions: ["Microsoft.Devices/*"] });

/** What the caller may do at a scope. */
function permissionsAt(request: Request, deps: ArmDependencies): object[] {
  const scope = scopeOf(request, deps);
  const { objectId } = authenticateCaller(request, deps);
  const assigned = deps.roleAssignments
    .ofPrincipal(objectId)
    .filter((assignment) => isAtOrAbove(assignment.scope, scope))
    .flatMap(({ roleId }) => roleById(roleId) ?? []);
  return [objectId === deps.directory.owner ? APPLICATION : OWNER, ...assigned.map(permissionOf)];
}

/**
 * Permissions of the caller at a subscription or a group (REST reference, "Permissions – List For Resource Group"; at a
 * subscription as the portal requests it).
 */
export const permissionOperations = (deps: ArmDependencies): Operation[] =>
  ROLE_SCOPES.slice(0, 2).map(({ label, path }) => ({
    name: `Permissions_List (${label})`,
    method: "GET",
    path: `${path}/providers/Microsoft.Authorization/permissions`,
    handle: (request) => ({ status: 200, body: { value: permissionsAt(request, deps) } }),
  }));
