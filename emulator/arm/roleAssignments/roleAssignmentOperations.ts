import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError, notEmulated } from "../armErrors";
import { type JsonObject, objectAt, objectBody } from "../requestBody";
import { roleById } from "../roleDefinitions/builtInRoles";
import { roleDefinitionId, roleIdOf } from "../roleDefinitions/roleDefinitionOperations";
import { SCOPE_PATHS, scopeOf } from "../roleScope";
import { isAtOrAbove, type RoleAssignment } from "./roleAssignmentStore";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const body = (assignment: RoleAssignment, { subscriptionId }: ArmDependencies): JsonObject => {
  const { name, scope, roleId, actsFrom: _, ...rest } = assignment;
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: "Microsoft.Authorization/roleAssignments",
    properties: { ...rest, scope, roleDefinitionId: roleDefinitionId(roleId, subscriptionId) },
  };
};

const optionalText = (properties: JsonObject, name: "description" | "condition" | "conditionVersion"): JsonObject => {
  const value = properties[name];
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
};

/** Reads the body of a PUT; throws 400. */
function asked(
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

function put(request: Request, deps: ArmDependencies, caller: string): Response {
  const name = (request.params.roleAssignmentName ?? "").toLowerCase();
  if (!GUID.test(name)) {
    const message = `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`;
    throw frontError(400, "InvalidRoleAssignmentId", message);
  }
  const scope = scopeOf(request, deps);
  const wanted = asked(request);
  const table = deps.roleAssignments;
  const before = table.named(scope, name);
  if (before && (before.principalId !== wanted.principalId || before.roleId !== wanted.roleId)) {
    const message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
    throw frontError(400, "RoleAssignmentUpdateNotPermitted", message);
  }
  const same = table
    .ofPrincipal(wanted.principalId)
    .find((each) => each.roleId === wanted.roleId && each.scope.toLowerCase() === scope.toLowerCase());
  if (same && same.name !== name) {
    const message = `The role assignment already exists. The ID of the existing role assignment is ${same.name.replaceAll("-", "")}.`;
    throw frontError(409, "RoleAssignmentExists", message);
  }
  const now = deps.clock.now().toISOString();
  const { createdOn = now, createdBy = caller, actsFrom = deps.longRunning.endOfOneStartedNow() } = before ?? {};
  const assignment = { ...wanted, name, scope, actsFrom, createdOn, updatedOn: now, createdBy, updatedBy: caller };
  table.put(assignment);
  deps.directory.changed();
  return { status: before ? 200 : 201, body: body(assignment, deps) };
}

/** `atScope()`, `principalId eq 'X'` and `assignedTo('X')`, joined by `and`. Others are refused. */
function filterOf(text: string | undefined, scope: string): (assignment: RoleAssignment) => boolean {
  const tests = (text ?? "").split(/\s+and\s+/i).map((part) => part.trim());
  const wanted = tests
    .filter((part) => part !== "")
    .map((part): ((assignment: RoleAssignment) => boolean) => {
      if (/^atScope\(\)$/i.test(part)) return (each) => isAtOrAbove(each.scope, scope);
      const principal = /^principalId\s+eq\s+'([^']*)'$|^assignedTo\('([^']*)'\)$/i.exec(part);
      const id = (principal?.[1] ?? principal?.[2])?.toLowerCase();
      if (id === undefined) throw notEmulated(`the filter ${part} on role assignments`);
      return (each) => each.principalId === id;
    });
  return (each) =>
    (isAtOrAbove(each.scope, scope) || isAtOrAbove(scope, each.scope)) && wanted.every((test) => test(each));
}

/** Role assignments at subscriptions, groups, resources and objects in vaults (REST reference, "Role Assignments"). */
export function roleAssignmentOperations(deps: ArmDependencies, callerOf: (request: Request) => string): Operation[] {
  const found = (request: Request): RoleAssignment | undefined =>
    deps.roleAssignments.named(scopeOf(request, deps), request.params.roleAssignmentName ?? "");
  const get = (request: Request): Response => {
    const assignment = found(request);
    if (assignment) return { status: 200, body: body(assignment, deps) };
    const message = `The role assignment '${request.params.roleAssignmentName}' is not found.`;
    throw frontError(404, "RoleAssignmentNotFound", message);
  };
  const remove = (request: Request): Response => {
    const assignment = found(request);
    if (!assignment) return { status: 204 };
    deps.roleAssignments.remove(assignment.scope, assignment.name);
    deps.directory.changed();
    return { status: 200, body: body(assignment, deps) };
  };
  const list = (request: Request): Response => {
    const matches = filterOf(request.query.get("$filter"), scopeOf(request, deps));
    const value = deps.roleAssignments.list().filter(matches);
    return { status: 200, body: { value: value.map((each) => body(each, deps)) } };
  };
  return SCOPE_PATHS.flatMap(([label, scope]): Operation[] => {
    const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
    const one = `${path}/:roleAssignmentName`;
    return [
      { name: `RoleAssignments_List (${label})`, method: "GET", path, handle: list },
      { name: `RoleAssignments_Get (${label})`, method: "GET", path: one, handle: get },
      {
        name: `RoleAssignments_Create (${label})`,
        method: "PUT",
        path: one,
        handle: (request) => deps.database.transaction(() => put(request, deps, callerOf(request))),
      },
      { name: `RoleAssignments_Delete (${label})`, method: "DELETE", path: one, handle: remove },
    ];
  });
}
