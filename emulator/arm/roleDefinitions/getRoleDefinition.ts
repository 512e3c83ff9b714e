import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import type { RoleScope } from "../roleScope";
import { roleById } from "./builtInRoles";
import { checkScope, roleDefinitionBody, roleDefinitionsPath } from "./roleDefinition";

/** GET of a role by its GUID. */
export const getRoleDefinition =
  (scope: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `RoleDefinitions_Get (${scope.label})`,
    method: "GET",
    path: `${roleDefinitionsPath(scope)}/:roleDefinitionName`,
    handle(request) {
      checkScope(request, scope, deps);
      const id = request.params.roleDefinitionName ?? "";
      const role = roleById(id);
      if (role) return { status: 200, body: roleDefinitionBody(role, deps.subscriptionId) };
      const message = `The specified role definition with ID '${id}' does not exist.`;
      throw frontError(404, "RoleDefinitionDoesNotExist", message);
    },
  });
