import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authenticateCaller } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { frontError, notEmulated } from "../armErrors";
import { objectAt, objectBody } from "../requestBody";
import { roleById } from "../roleDefinitions/builtInRoles";
import { roleIdOf } from "../roleDefinitions/roleDefinition";
import { type RoleScope, scopeOf } from "../roleScope";
import { roleAssignmentBody, roleAssignmentPath } from "./roleAssignment";
import type { RoleAssignment } from "./roleAssignmentStore";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const optionalText = (properties: JsonObject, name: "description" | "condition" | "conditionVersion"): JsonObject => {
  const value = properties[name];
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
};

/** Reads the body of a PUT; throws 400. */
function readBody(
  request: Request,
): Omit<RoleAssignment, "name" | "scope" | "actsFrom" | "createdOn" | "updatedOn" | "createdBy" | "updatedBy"> {
  const properties = objectAt(objectBody(request), "properties");
  const { principalId, principalType } = properties;
  if (typeof principalId !== "string" || !GUID.test(principalId)) {
    const message = "A valid principal ID must be provided for role assignment.";
    throw frontError(400, "InvalidPrincipalId", message);
  }
  const roleId = roleIdOf(properties.roleDefinitionId);
  if (roleId === undefined) {
    const message = `The role definition ID '${String(properties.roleDefinitionId)}' is not valid.`;
    throw frontError(400, "InvalidRoleDefinitionId", message);
  }
  if (!roleById(roleId)) {
    const message = `The specified role definition with ID '${roleId}' does not exist.`;
    throw frontError(400, "RoleDefinitionDoesNotExist", message);
  }
  if (optionalText(properties, "condition").condition !== undefined)
    throw notEmulated("conditions of role assignments");
  return {
    roleId: roleId.toLowerCase(),
    principalId: principalId.toLowerCase(),
    principalType: typeof principalType === "string" ? principalType : "ServicePrincipal",
    ...optionalText(properties, "description"),
  };
}

function put(request: Request, deps: ArmDependencies): Response {
  const name = (request.params.roleAssignmentName ?? "").toLowerCase();
  if (!GUID.test(name)) {
    const message = `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`;
    throw frontError(400, "InvalidRoleAssignmentId", message);
  }
  const scope = scopeOf(request, deps);
  const wanted = readBody(request);
  const store = deps.roleAssignments;
  const before = store.named(scope, name);
  if (before && (before.principalId !== wanted.principalId || before.roleId !== wanted.roleId)) {
    const message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
    throw frontError(400, "RoleAssignmentUpdateNotPermitted", message);
  }
  const same = store
    .ofPrincipal(wanted.principalId)
    .find((each) => each.roleId === wanted.roleId && each.scope.toLowerCase() === scope.toLowerCase());
  if (same && same.name !== name) {
    const message = `The role assignment already exists. The ID of the existing role assignment is ${same.name.replaceAll("-", "")}.`;
    throw frontError(409, "RoleAssignmentExists", message);
  }
  const caller = authenticateCaller(request, deps).objectId;
  const now = deps.clock.now().toISOString();
  const { createdOn = now, createdBy = caller, actsFrom = deps.longRunning.completionTime() } = before ?? {};
  const assignment = { ...wanted, name, scope, actsFrom, createdOn, updatedOn: now, createdBy, updatedBy: caller };
  store.put(assignment);
  return { status: before ? 200 : 201, body: roleAssignmentBody(assignment, deps) };
}

/** PUT of a role assignment. Its principal and its role cannot change. */
export const createRoleAssignment =
  (scope: RoleScope) =>
  (deps: ArmDependencies): Operation => ({
    name: `RoleAssignments_Create (${scope.label})`,
    method: "PUT",
    path: roleAssignmentPath(scope),
    handle: (request) => deps.commit(() => put(request, deps)),
  });
