import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { ROLE_SCOPES } from "../roleScope";
import { getRoleDefinition } from "./getRoleDefinition";
import { listRoleDefinitions } from "./listRoleDefinitions";

/** The supported built-in roles, read only (Azure REST API "Role Definitions"). */
export const roleDefinitionOperations = (deps: ArmDependencies): Operation[] =>
  [{ label: "tenant", path: "" }, ...ROLE_SCOPES].flatMap((scope) =>
    [listRoleDefinitions, getRoleDefinition].map((operation) => operation(scope)(deps)),
  );
