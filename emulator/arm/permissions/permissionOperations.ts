import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { ROLE_SCOPES } from "../roleScope";
import { listPermissions } from "./listPermissions";

/** Permissions of the caller (Azure REST API "Permissions"). */
export const permissionOperations = (deps: ArmDependencies): Operation[] =>
  ROLE_SCOPES.filter(({ label }) => label === "subscription" || label === "resource group").map((scope) =>
    listPermissions(scope)(deps),
  );
