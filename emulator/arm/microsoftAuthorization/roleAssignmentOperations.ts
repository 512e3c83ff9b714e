import type { JsonObject } from "../../../azure/wire/jsonObject";
import { isGuid } from "../../kernel/ids";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authenticateCaller } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { frontError, notEmulated } from "../armErrors";
import { armOperations } from "../armOperations";
import { filterOf, objectAt, readBody } from "../armRequest";
import { roleById, roleDefinitionId, roleIdOf } from "./builtInRoles";
import { isAtOrAbove, type RoleAssignment } from "./roleAssignmentStore";
import { ROLE_SCOPES, scopeOf } from "./roleScope";

/** A role assignment as ARM returns it. */
function roleAssignmentBody(assignment: RoleAssignment, { subscriptionId }: ArmDependencies): JsonObject {
  const { name, scope, roleId, actsFrom: _, ...rest } = assignment;
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: "Microsoft.Authorization/roleAssignments",
    properties: { ...rest, scope, roleDefinitionId: roleDefinitionId(roleId, subscriptionId) },
  };
}

/** The role assignment of a request, if it exists. Throws 404 when its scope does not. */
const assignmentOf = (request: Request, deps: ArmDependencies): RoleAssignment | undefined =>
  deps.roleAssignments.named(scopeOf(request, deps), request.params.roleAssignmentName ?? "");

/** Lists the role assignments at a scope, above and below it. */
function listRoleAssignments(request: Request, deps: ArmDependencies): Response {
  const scope = scopeOf(request, deps);
  const matches = filterOf<RoleAssignment>(request, "role assignments", (condition) => {
    if (/^atScope\(\)$/i.test(condition)) return (each) => isAtOrAbove(each.scope, scope);
    const principal = /^principalId\s+eq\s+'([^']*)'$|^assignedTo\('([^']*)'\)$/i.exec(condition);
    const id = (principal?.[1] ?? principal?.[2])?.toLowerCase();
    return id === undefined ? undefined : (each) => each.principalId === id;
  });
  const related = deps.roleAssignments
    .list()
    .filter((each) => isAtOrAbove(each.scope, scope) || isAtOrAbove(scope, each.scope));
  return { status: 200, body: { value: related.filter(matches).map((each) => roleAssignmentBody(each, deps)) } };
}

function getRoleAssignment(request: Request, deps: ArmDependencies): Response {
  const assignment = assignmentOf(request, deps);
  if (assignment) return { status: 200, body: roleAssignmentBody(assignment, deps) };
  const message = `The role assignment '${request.params.roleAssignmentName}' is not found.`;
  throw frontError(404, "RoleAssignmentNotFound", message);
}

function deleteRoleAssignment(request: Request, deps: ArmDependencies): Response {
  const assignment = assignmentOf(request, deps);
  if (!assignment) return { status: 204 };
  deps.roleAssignments.remove(assignment.scope, assignment.name);
  return { status: 200, body: roleAssignmentBody(assignment, deps) };
}

const optionalText = (properties: JsonObject, name: "description" | "condition"): JsonObject => {
  const value = properties[name];
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
};

/** Reads the body of a PUT; throws 400. */
function readAssignment(
  request: Request,
): Pick<RoleAssignment, "roleId" | "principalId" | "principalType" | "description"> {
  const body = readBody(request, "roleAssignment.create", (message) => frontError(400, "BadRequestFormat", message));
  const properties = objectAt(body, "properties");
  const { principalId, principalType } = properties;
  if (typeof principalId !== "string" || !isGuid(principalId)) {
    const message = "A valid principal ID must be provided for role assignment.";
    throw frontError(400, "InvalidPrincipalId", message);
  }
  const roleId = roleIdOf(properties.roleDefinitionId);
  if (roleId === undefined) {
    const message = `The role definition ID ${JSON.stringify(properties.roleDefinitionId)} is not valid.`;
    throw frontError(400, "InvalidRoleDefinitionId", message);
  }
  if (!roleById(roleId)) {
    const message = `The specified role definition with ID '${roleId}' does not exist.`;
    throw frontError(400, "RoleDefinitionDoesNotExist", message);
  }
  if (optionalText(properties, "condition").condition !== undefined) {
    throw notEmulated("conditions of role assignments");
  }
  return {
    roleId: roleId.toLowerCase(),
    principalId: principalId.toLowerCase(),
    principalType: typeof principalType === "string" ? principalType : "ServicePrincipal",
    ...optionalText(properties, "description"),
  };
}

/** PUT of a role assignment. Its principal and its role cannot change. */
function createRoleAssignment(request: Request, deps: ArmDependencies): Response {
  const name = (request.params.roleAssignmentName ?? "").toLowerCase();
  if (!isGuid(name)) {
    const message = `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`;
    throw frontError(400, "InvalidRoleAssignmentId", message);
  }
  const scope = scopeOf(request, deps);
  const wanted = readAssignment(request);
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

/** Role assignments at subscriptions, groups, resources and objects in vaults (Azure REST API "Role Assignments"). */
export const roleAssignmentOperations = (deps: ArmDependencies): Operation[] =>
  ROLE_SCOPES.flatMap(({ label, path: scope }) => {
    const all = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
    const path = `${all}/:roleAssignmentName`;
    return armOperations(deps, [
      [`RoleAssignments_List (${label})`, "GET", all, listRoleAssignments],
      [`RoleAssignments_Get (${label})`, "GET", path, getRoleAssignment],
      [`RoleAssignments_Create (${label})`, "PUT", path, createRoleAssignment],
      [`RoleAssignments_Delete (${label})`, "DELETE", path, deleteRoleAssignment],
    ]);
  });
