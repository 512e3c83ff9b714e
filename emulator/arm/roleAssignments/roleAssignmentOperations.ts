import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { ROLE_SCOPES } from "../roleScope";
import { createRoleAssignment } from "./createRoleAssignment";
import { deleteRoleAssignment } from "./deleteRoleAssignment";
import { getRoleAssignment } from "./getRoleAssignment";
import { listRoleAssignments } from "./listRoleAssignments";

/** Role assignments at subscriptions, groups, resources and objects in vaults (Azure REST API "Role Assignments"). */
export const roleAssignmentOperations = (deps: ArmDependencies): Operation[] =>
  ROLE_SCOPES.flatMap((scope) =>
    [listRoleAssignments, getRoleAssignment, createRoleAssignment, deleteRoleAssignment].map((operation) =>
      operation(scope)(deps),
    ),
  );
